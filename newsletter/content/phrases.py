"""What sites print around their articles, in the languages they are written in.

These lists only confirm what position and repetition have suggested; a language that is
missing costs certainty, not text.
"""

from __future__ import annotations

import re


def _any(*phrases: str) -> re.Pattern[str]:
    return re.compile("|".join(phrases), re.IGNORECASE)


#: Navigation and buttons: the whole line is one of these, or starts so.
NAVIGATION = _any(
    r"^(?:skip|jump|go|back|return) to\b",
    r"^(?:home|menu|main menu|search|log ?in|sign ?in|sign ?up|register|subscribe|share|print|e-?mail"
    r"|save|follow us"
    r"|contact(?: us)?|about(?: us)?|shop|cart|close|open menu|toggle navigation|next|previous|more"
    r"|news|topics"
    r"|rss|feed|archives?|faq|help|gallery|events|careers|press|blog|articles|categories|my account"
    r"|all posts|comments?|\d+ comments?|leave a comment|add a comment|view comments|copy link|listen"
    r"|download pdf|bookmark"
    r"|facebook|twitter|x|whatsapp|linkedin|pinterest|reddit|instagram|youtube|tiktok|bluesky|mastodon"
    r"|telegram"
    r"|advertisement|sponsored|ad|donate|jump to recipe|print recipe|rate this recipe|read aloud)[:.!]?$",
    r"^(?:share|tweet|pin|post|follow)\b.{0,30}\b(?:on|via|this|us|it)\b",
    r"^(?:\d+\s*)?(?:min(?:ute)?s?|minuten|minutos|minuti|мин\.?)\s*(?:read|lesezeit|de lectura"
    r"|de lecture|di lettura)",
    r"^\d+ (?:min(?:ute)?s?|minuti|minutos|minutes) (?:to read|read(?:ing time)?|de leitura|leestijd"
    r"|lästid|lesetid)$",
    r"^(?:مدة القراءة|وقت القراءة|読了時間|阅读时间|leestijd|lästid|время чтения|tempo de leitura)\b",
    r"^\d+[\s-]*(?:min(?:ute)?s?\.?|minuten)\s*(?:read|lesezeit|de lectura|de lecture|di lettura|leestijd)?$",
    r"^[★☆⭐\s]{3,}|\bfrom \d+ (?:votes|ratings|reviews)|^\d(?:[.,]\d)? (?:stars?|out of 5)",
    r"^(?:reading time|estimated reading time|lesezeit|tiempo de lectura|temps de lecture"
    r"|tempo di lettura)\b",
    r"^(?:startseite|menü|suche|anmelden|teilen|drucken|zurück|weiter|kontakt|über uns|merken|kommentare?)$",
    r"^(?:inicio|menú|buscar|compartir|imprimir|volver|contacto|suscr[ií]bete|iniciar sesión|comentarios)$",
    r"^(?:accueil|menu|rechercher|recherche|partager|imprimer|retour|contact|s'abonner|connexion"
    r"|commentaires)$",
    r"^(?:início|pesquisar|partilhar|compartilhar|imprimir|voltar|assine|entrar|contato)$",
    r"^(?:cerca|condividi|stampa|torna|contatti|accedi|abbonati)$",
    r"^(?:главная|меню|поиск|поделиться|печать|назад|войти|контакты|подписаться)$",
    r"^(?:分享到|字号|字體|扫一扫)\s*[:：]|^(?:首页|首頁|菜单|搜索|分享|登录|登錄|注册|打印|返回|关于我们|ホーム|メニュー|検索|共有|シェア|ログイン|印刷)$",
    r"^(?:홈|메뉴|검색|로그인|회원가입|공유(?:하기)?|인쇄|구독|본문 바로가기|글자 크기)$",
    r"^(?:hopp til|hoppa till|spring til|ga naar|naar de|zum|ir al?|aller au|pular para|saltar a"
    r"|vai al|przejdź do)"
    r" (?:.{0,12})?(?:inn?h[oå]l[dt]|innehåll|hoofdinhoud|inhoud|indhold|inhalt|contenido|contenu"
    r"|conteúdo|contenuto"
    r"|treści)\b.{0,20}$",
    r"^(?:الرئيسية|القائمة|بحث|مشاركة|طباعة|تسجيل الدخول|اتصل بنا)$",
    r"^(?:בית|תפריט|חיפוש|שיתוף|הדפסה|צור קשר)$",
)
#: A sentence of the site and not of the article.
BOILERPLATE = _any(
    r"©|\(c\)\s*(?:19|20)\d\d|copyright\b",
    r"all rights reserved|alle rechte vorbehalten|todos los derechos|tous droits réservés|todos os direitos"
    r"|tutti i diritti|все права защищены|版权所有|版權所有|無断転載|جميع الحقوق محفوظة|כל הזכויות שמורות",
    r"\b(?:we|this (?:web)?site|our (?:web)?site)\b.{0,30}\buses? (?:\w+ )?cookies"
    r"|accept (?:all )?cookies|cookie (?:policy|settings)"
    r"|diese (?:web)?site verwendet cookies|wir verwenden cookies|utilizamos cookies"
    r"|nous utilisons des cookies"
    r"|utilizziamo i? ?cookie|usamos cookies|мы используем (?:файлы )?cookie",
    r"^(?:privacy|terms)\b.{0,60}$|privacy policy|terms (?:of|and) (?:use|service|conditions)"
    r"|datenschutz|impressum|subscribe for free|becom(?:e|ing) an? (?:\w+ (?:or"
    r"|and) )?(?:\w+ )?(?:subscriber|member)\b"
    r"|reader-supported|thanks for reading\b"
    r"|política de privacidad|mentions légales|politique de confidentialité",
    r"(?:sign up|subscribe|register)\b.{0,60}\b(?:newsletter|mailing list|updates|inbox)"
    r"|newsletter\b.{0,40}\b(?:abonnieren|anmelden)"
    r"|suscr[ií]bete\b.{0,40}bolet[ií]n|inscrivez-vous\b.{0,60}(?:newsletter|lettre)"
    r"|iscriviti\b.{0,40}newsletter",
    r"^(?:read|see) (?:more|also|next)\b|^(?:lesen sie auch|mehr zum thema|lea también|leer más"
    r"|lire aussi|leggi anche|leia também|читайте также)\b",
    r"^(?:please )?enable javascript|your browser (?:does not|doesn't) support",
    r"follow us on\b|^like us on\b|^find us on\b",
    r"^(?:the views expressed|this article (?:was )?(?:first|originally) (?:appeared|published))",
    r"^(?:photo|image|picture|foto|crédit|credit|bild|illustration)s?(?: credit| by| source"
    r"| courtesy)?\s*[:/©]",
    r"^(?:logo|icon)\b.{0,60}$",
    r"^(?:not to be confused with|for other uses|this article is about|coordinates|from [A-Z]\w+, the )\b",
)
#: A line that opens what stands below an article.
TAIL = _any(
    r"^(?:related|similar|recommended|more)\b.{0,40}(?:articles?|stories|posts?|reading|content|topics"
    r"|news|pages|links|recipes)?[:]?$",
    r"^(?:more (?:from|on|about|in|like)|you (?:may|might) (?:also )?(?:like|be interested)|read next"
    r"|up next|what to read next"
    r"|most (?:read|popular|viewed)|popular (?:posts|now)|trending|latest (?:news|stories|posts)"
    r"|don't miss|editor'?s picks?)\b",
    r"^(?:references?|see also|siehe auch|voir aussi|véase también|einzelnachweise|notes et références"
    r"|sources?|further reading|external links|footnotes|bibliography|citations?|notes)[:]?$",
    r"^(?:notes (?:to|for) (?:the )?editors?|editors'? notes?|media (?:contact|enquiries|inquiries)"
    r"|press contact"
    r"|contact for (?:journalists|the media)|ends|hinweise? (?:für|an) die redaktion(?:en)?|pressekontakt"
    r"|notas? para (?:editores|la prensa)|contact presse|contatti stampa|nota ai redattori"
    r"|recent posts|reader interactions|recent comments|other posts)[:]?$",
    r"^(?:share (?:this|on|article)|tags?|filed under|categories|topics|about the author|about us"
    r"|author bio|comments?|leave a (?:reply|comment)"
    r"|join (?:the|our)|newsletter|sign up|subscribe|get (?:the|our) newsletter|stay (?:connected"
    r"|informed|in touch)|follow us|contact us"
    r"|was this (?:page|article) helpful|disclaimer|site map|quick links|back to top|in this (?:section"
    r"|series))\b",
    r"^(?:mehr zum thema|das könnte sie auch interessieren|weitere artikel|ähnliche artikel"
    r"|verwandte (?:artikel|themen)|quellen"
    r"|über den autor|über die autorin|kommentare|schlagwörter|teilen|meistgelesen|newsletter)\b",
    r"^(?:artículos relacionados|te puede interesar|también te puede|más noticias|noticias relacionadas"
    r"|lo más leído|referencias|fuentes"
    r"|sobre (?:el autor|la autora)|comentarios|etiquetas|compartir|boletín|relacionad[oa]s"
    r"|entradas relacionadas)\b",
    r"^(?:articles? (?:liés|similaires|connexes)|à lire aussi|sur le même (?:sujet|thème)"
    r"|vous aimerez aussi|lire aussi|sources?|références"
    r"|à propos de l'auteur|commentaires|mots-clés|partager|les plus lus|dans la même rubrique)\b",
    r"^(?:leia também|artigos relacionados|notícias relacionadas|veja também|referências|fontes"
    r"|sobre o autor|comentários|mais lidas)\b",
    r"^(?:articoli correlati|leggi anche|potrebbe interessarti|ti potrebbe interessare|fonti"
    r"|riferimenti|commenti|i più letti)\b",
    r"^(?:читайте также|похожие (?:статьи|материалы)|материалы по теме|источники|литература|комментарии"
    r"|об авторе|теги|самое читаемое)",
    r"^(?:gerelateerd|lees ook|meer over|bronnen|reacties|relaterede|læs også|läs också|relaterat"
    r"|powiązane|czytaj także|źródła|ilgili)\b",
    r"^(?:相关(?:文章|阅读|新闻|推荐)|推荐阅读|延伸阅读|参考(?:文献|资料)|评论|标签|分享到|热门文章|上一篇|下一篇|相關(?:文章|新聞))",
    r"^(?:関連(?:記事|リンク|ニュース)|おすすめ(?:記事)?|参考(?:文献|資料)|コメント|タグ|この記事を(?:シェア|書いた人)|人気記事|著者について)",
    r"^(?:مقالات ذات صلة|مواضيع ذات صلة|اقرأ أيضا|اقرأ أيضًا|المصادر|المراجع|التعليقات|شارك"
    r"|الأكثر قراءة|عن الكاتب)",
    r"^(?:כתבות נוספות|כתבות קשורות|קראו גם|מקורות|תגובות|אולי יעניין)",
    r"^(?:관련 ?(?:기사|글)|참고 ?(?:문헌|자료)|댓글|태그|공유하기|인기 ?기사)",
)
#: Whatever follows is others' words.
COMMENTS = _any(
    r"^(?:\d+\s+)?(?:comments?|responses?|replies|thoughts on\b.{0,60}|kommentare?|comentarios?"
    r"|commentaires?|commenti"
    r"|comentários|комментари(?:и|ев|я)|reacties)(?:\s*\(\d+\))?:?$",
    r"^(?:leave|post|add) a (?:reply|comment)$|^(?:评论|コメント|댓글|التعليقات|תגובות)$",
)
#: What stands before a date; the group says whether it is when the text was first published.
PUBLISHED = (
    r"(?:first |originally )?(?:published|posted|publication date|created|date|released)(?: on| at| date)?"
    r"|veröffentlicht(?: am)?|erschienen(?: am)?|stand|publicado(?: el| em| en)?"
    r"|fecha(?: de publicación)?|publié(?:e)? le|paru le|mis en ligne le"
    r"|pubblicato(?: il)?|data|опубликовано|дата|gepubliceerd(?: op)?|publicerad|publisert|udgivet"
    r"|opublikowano|yayın tarihi"
    r"|发布(?:时间|日期|于)?|发表于|日期|時間|公開日|投稿日|掲載日|게시일|입력"
    r"|نشر(?: في)?|تاريخ النشر|פורסם(?: ב)?"
)
UPDATED = (
    r"(?:this (?:page|article|entry|document) was )?(?:last |page last )?"
    r"(?:updated|reviewed|modified|revised|checked|changed|edited)(?: on| at| date)?"
    r"|aktualisiert(?: am)?|zuletzt (?:aktualisiert|geändert)(?: am)?"
    r"|actualizado(?: el)?|última (?:actualización|revisión)|mis(?:e)? à jour(?: le)?|modifié le"
    r"|aggiornato(?: il)?|atualizado(?: em)?"
    r"|обновлено|bijgewerkt(?: op)?|更新(?:时间|日期|于|日)?|最終更新日?|수정|آخر تحديث|עודכן(?: ב)?"
)
#: A date that is not the text's own.
OTHER_DATE = _any(
    r"\b(?:next|due|expires?|until|deadline|embargo|event|valid|starts?|ends?|when|where|nächste"
    r"|gültig|próxim[oa]"
    r"|prochain|opening|closing)\b"
)
#: What stands before an author's name; the weak ones also begin sentences and titles.
BYLINE = re.compile(
    r"^(?:(?:written |words |story |text |reported |posted |published |medically reviewed "
    r"|reviewed )?by|author"
    r"|автор|autor(?:a|in)?|autore|auteur|texte|redactie|作者|文|記者|记者|著者|執筆|글|글쓴이|كتب|كتبت|بقلم|מאת"
    r"|(?P<weak>text|texto|testo|tekst|von|por|par|di|door|af|av|de))"
    r"(?:\s*[:：]?\s+|\s*[:：])(?P<name>(?:\b(?:[^\W\d_]{1,4})\.(?=\s\w)|[^\d.!?。]){2,80})$",
    re.IGNORECASE,
)
#: A name and its trade, as East Asian papers sign.
REPORTER = re.compile(r"^(?P<name>[^\s\d]{2,12})\s?(?:기자|특파원|記者|记者)$")
#: What a byline says in brackets of who wrote, and of who took the pictures.
WROTE = _any(r"text|texte?|texto|testo|tekst|words|story|report(?:age)?|文|取材・文|文・写真|取材|글|نص")
PICTURED = _any(
    r"fotos?|photos?|photograph(?:s|y|er)?|pictures?|images?|bilder|illustration(?:en|s)?"
    r"|fotograf(?:ie|ía|ia)"
    r"|写真|撮影|画|사진|تصوير"
)
#: A picture's credit, wherever in a line it stands; it ends the line.
CREDIT = re.compile(
    r"(?:^|[.,;)(（|/–—’”\"]\s*|\s)(?:(?i:photo(?:graph)?s?(?: credits?| by| courtesy(?: of)?)?"
    r"|crédits?(?: photo)?"
    r"|picture credit|image credit|foto(?:s|grafías?|grafia|graf(?:ie|in)?)?)|Credit|Credits|Image"
    r"|Picture|Bild|Bilder"
    r"|Illustration|Imagem|Immagine|Beeld|Kuva|Фото|تصوير|صورة|צילום|사진|写真|図|图片|图源|摄影)\s*[:：/©=]\s*\S.{0,90}$"
    r"|(?:^|\s)©\s*(?!(?:19|20)\d\d)\S.{0,60}$|[＝=／].{1,20}(?:撮影|提供)$"
    r"|[（(](?:写真|撮影)\s*[:：＝=／]?[^()（）]{1,20}[)）]$|(?:사진|그림)\s*=\s*\S"
)
#: An advertisement's label, or a pointer to another article amid the text.
ASIDE = _any(
    r"^(?:advertisement|advertising|sponsored|anzeige|werbung|publicidad|anuncio|publicité|publicidade"
    r"|pubblicità"
    r"|article continues.{0,30}|(?:story|text) continues.{0,30}|continua (?:depois|após|dopo).{0,30}"
    r"|weiter nach der anzeige|la suite après.{0,30}|sigue leyendo.{0,30}|advertentie|annonse?|mainos"
    r"|reklama?"
    r"|реклама|広告|廣告|广告|광고|إعلان"
    r"|إعلانات|פרסומת)\W*$",
    r"^[\[【(▶►→]*\s*(?:read (?:more|also|next|this)|see also|also read|more on this|related(?: story"
    r"| article)?|watch|listen|explore"
    r"|lesen sie(?: auch| mehr| hier)?|mehr (?:dazu|zum thema)|siehe auch|hier (?:weiterlesen|lesen)"
    r"|más información|lee(?:r)? también|lea también|te puede interesar|ver también|en vídeo"
    r"|(?:à )?lire (?:aussi|également)|à lire|voir aussi|notre dossier|leia (?:também|mais)|saiba mais"
    r"|veja também"
    r"|leggi anche|approfondisci|lees (?:ook|meer|verder)|zie ook|läs (?:också|mer|även)|les (?:også"
    r"|mer)|læs (?:også|mere)"
    r"|lue myös|czytaj (?:też|także|więcej)|zobacz (?:też|także)|читайте (?:также|ещё)|см\. также"
    r"|ayrıca okuyun"
    r"|あわせて読みたい|合わせて読みたい|こちらも|関連記事|관련\s?기사|延伸阅读|相关阅读"
    r"|اقرأ أيض\S*|اقرأ المزيد"
    r"|קראו (?:גם|עוד))\s*[\]】)]?\s*(?:[:：›»→]|(?<=[\]】]))",
)
#: What opens the lines about the author; one long paragraph may follow.
ABOUT_AUTHOR = _any(
    r"^(?:about (?:the )?(?:authors?|writer)|author bio|über d(?:en|ie) autor(?:in)?|zur person"
    r"|sobre (?:el|la|o|a) autora?"
    r"|à propos de l['’]aut(?:eur|rice)|l['’]aut(?:eur|rice)|l['’]autore|sull['’]autore|over de auteur"
    r"|om (?:författaren"
    r"|forfatteren)|об авторе|この記事を書いた人|著者について|筆者紹介|글쓴이|عن الكاتب)\b"
)
#: How the description of a picture begins: something or someone, shown.
DEPICTS = re.compile(
    r"^(?:(?i:an?|two|three|four|several|some)\s+\S|(?:the|my|our|his|her|their)\s+\S"
    r"|(?i:eine?|zwei|drei|vier)\s+\S|(?:der|die|das|mein|unser)\s+\S|(?i:une?|deux|trois|des)\s+\S"
    r"|(?:le|la|les)\s+\S"
    r"|(?i:un|una|unos|unas|dos|tres)\s+\S|(?:el|los|las)\s+\S|(?i:uma?|uns|umas|dois|duas)\s+\S"
    r"|(?i:uno|due|tre)\s+\S|(?i:een|twee|drie)\s+\S|(?i:ett?|en|et|två|to)\s+\S)"
)
#: The verbs of buttons that carry the site's name.
BUTTON = _any(
    r"share|subscribe|follow|join|support|teilen|abonnieren|partager|compartir|seguir|sostieni|volg|steun"
)
#: A picture as text browsers and editors show it.
PICTURE = re.compile(
    r"^\[[^\[\]]{1,60}\.(?:jpe?g|png|gif|webp|svg|avif)\]|^\[(?:image|img|inline|bild"
    r"|photo)\b[^\[\]]{0,80}\]",
    re.I,
)
