"""Month names as they stand in dates, folded, in the languages that sites are written in."""

from __future__ import annotations

import unicodedata

_NAMES = """
january february march april may june july august september october november december
jan feb mar apr may jun jul aug sep oct nov dec
- - - - - - - - sept - - -
enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre
ene - - abr - - - ago setiembre - - dic
janvier février mars avril mai juin juillet août septembre octobre novembre décembre
janv fevrier - avr - - juil aout - - - decembre
- févr - - - - - - - - - déc
januar februar märz april mai juni juli august september oktober november dezember
jän feber maerz - - - - - - okt - dez
jänner - mär - - - - - - - - -
janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro
- fev marco - - - - - set out - -
gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre
gen - - - mag giu lug - - ott - -
januari februari maart april mei juni juli augustus september oktober november december
- - mrt - - - - - - - - -
januari februari mars april maj juni juli augusti september oktober november december
januar februar marts april maj juni juli august september oktober november december
januar februar mars april mai juni juli august september oktober november desember
tammikuuta helmikuuta maaliskuuta huhtikuuta toukokuuta kesäkuuta - - - - - -
- - - - - - heinäkuuta elokuuta syyskuuta lokakuuta marraskuuta joulukuuta
stycznia lutego marca kwietnia maja czerwca lipca sierpnia września października listopada grudnia
ledna února března dubna května června července srpna září října listopadu prosince
ianuarie februarie martie aprilie mai iunie iulie august septembrie octombrie noiembrie decembrie
января февраля марта апреля мая июня июля августа сентября октября ноября декабря
январь февраль март апрель май июнь июль август сентябрь октябрь ноябрь декабрь
січня лютого березня квітня травня червня липня серпня вересня жовтня листопада грудня
ocak şubat mart nisan mayıs haziran temmuz ağustos eylül ekim kasım aralık
ιανουαρίου φεβρουαρίου μαρτίου απριλίου μαΐου ιουνίου - - - - - -
- - - - - - ιουλίου αυγούστου σεπτεμβρίου οκτωβρίου νοεμβρίου δεκεμβρίου
يناير فبراير مارس أبريل مايو يونيو يوليو أغسطس سبتمبر أكتوبر نوفمبر ديسمبر
- - - ابريل - - - اغسطس - اكتوبر - -
ינואר פברואר מרץ אפריל מאי יוני יולי אוגוסט ספטמבר אוקטובר נובמבר דצמבר
जनवरी फ़रवरी मार्च अप्रैल मई जून जुलाई अगस्त सितंबर अक्टूबर नवंबर दिसंबर
- फरवरी - - - - - - सितम्बर - नवम्बर दिसम्बर
januari februari maret april mei juni juli agustus september oktober november desember
"""

# Each name means one month in every language that has it.
MONTHS: dict[str, int] = {
    unicodedata.normalize("NFKC", name).casefold(): number
    for line in _NAMES.strip().split("\n")
    for number, name in enumerate(line.split(), 1)
    if name != "-"
}
