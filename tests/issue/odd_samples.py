"""MJML that we did not write: whatever a template may hold."""

from __future__ import annotations


def page(body: str, head: str = "", attributes: str = ' lang="en" dir="ltr"') -> str:
    return f"<mjml{attributes}><mj-head>{head}</mj-head><mj-body>{body}</mj-body></mjml>"


def section(inside: str, attributes: str = "") -> str:
    return f"<mj-section{attributes}><mj-column>{inside}</mj-column></mj-section>"


TEXT = "<mj-text>Nine screws that nobody stocks, and one that everybody does.</mj-text>"
WORD = f"<mj-text>{'pneumono' * 30}</mj-text>"
PIXEL = "data:image/gif;base64,R0lGODlhAQABAIAAAP8AAAAAACwAAAAAAQABAAACAkQBADs="
IMAGE = f'<mj-image src="{PIXEL}" alt="x" width="200px" href="https://x.example" />'
BUTTON = '<mj-button href="https://x.example">Read</mj-button>'
INLINE = (
    "<mj-style inline='inline'>.a { font-family: serif; font-size: 20px; line-height: 30px }"
    ".b { color: red; margin: 0 } h2 { margin: 0 } .c .b { font-weight: bold }</mj-style>"
)

#: MJML that we did not write: whatever a template may hold, it looks as it did.
ODD = {
    "columns in pixels": page(
        f'<mj-section><mj-column width="200px">{TEXT}</mj-column>'
        f'<mj-column width="250px">{TEXT}{IMAGE}</mj-column></mj-section>'
    ),
    "columns in percent": page(
        f'<mj-section><mj-column width="30%">{TEXT}</mj-column>'
        f'<mj-column width="70%">{TEXT}</mj-column></mj-section>'
    ),
    "two columns of the whole width": page(
        f'<mj-section><mj-column width="100%">{TEXT}</mj-column>'
        f'<mj-column width="100%">{TEXT}</mj-column></mj-section>'
    ),
    "group": page(
        f'<mj-section><mj-group><mj-column width="200px">{TEXT}</mj-column>'
        f"<mj-column>{IMAGE}</mj-column></mj-group></mj-section>"
    ),
    "wrapper": page(
        f'<mj-wrapper background-color="#ddd" padding="20px">{section(TEXT)}{section(BUTTON)}</mj-wrapper>'
    ),
    "full width": page(
        section(TEXT, ' full-width="full-width" background-color="#cde"')
        + section(TEXT, ' border="3px solid red"')
    ),
    "backgrounds and rounded corners": page(
        section(TEXT, ' background-color="#eee" border-radius="12px" padding="5px 40px" text-align="right"')
    ),
    "hero": page(
        f'<mj-hero mode="fixed-height" height="200px" background-color="#bcd">{TEXT}{BUTTON}</mj-hero>'
    ),
    "table": page(
        section(
            "<mj-table><tr><th>One</th><td align='right'>2</td></tr>"
            "<tr><td>Three of them</td><td>4</td></tr></mj-table>"
        )
    ),
    "social": page(
        section(
            f'<mj-social mode="horizontal"><mj-social-element '
            f'src="{PIXEL}" href="https://x.example">A</mj-social-element>'
            f'<mj-social-element src="{PIXEL}">B</mj-social-element></mj-social>'
        )
    ),
    "navbar": page(
        section(
            '<mj-navbar hamburger="hamburger"><mj-navbar-link href="/a">One</mj-navbar-link>'
            '<mj-navbar-link href="/b">Two</mj-navbar-link></mj-navbar>'
        )
    ),
    "accordion and divider": page(
        section(
            "<mj-accordion><mj-accordion-element><mj-accordion-title>T</mj-accordion-title>"
            "<mj-accordion-text>Text</mj-accordion-text>"
            "</mj-accordion-element></mj-accordion><mj-divider /><mj-spacer />"
        )
    ),
    "raw": page(
        "<mj-raw><div style='margin:0px auto;max-width:300px;'>Text in the middle</div>"
        "<table style='width:100%' cellspacing='0'><tr><td>one</td>"
        "<td style='word-break:break-all'>two</td></tr></table>"
        "<center><table cellspacing='9' style='border-spacing:0'>"
        "<tr><td>x</td></tr></table></center></mj-raw>" + section(TEXT)
    ),
    "long words": page(section(WORD) + f"<mj-raw><p>{'antidis' * 9}</p></mj-raw>"),
    "classes that are seen": page(
        section(TEXT, ' css-class="card"') + f'<mj-section><mj-column css-class="col" '
        f'width="300px">{TEXT}</mj-column></mj-section>',
        "<mj-style>.card { background: #fc9; border: 2px solid "
        "} .col { background: #9cf; margin: 8px }</mj-style>",
    ),
    "a phone's own alignment": page(
        section(TEXT, ' css-class="mid"'),
        "<mj-style>@media (max-width: 500px) { .mid td, .mid "
        "div { text-align: center !important } }</mj-style>",
    ),
    "weaker rules about type": page(
        section("<mj-text><p class='a w'>Bold by a style sheet, <em class='a'>slanted</em></p></mj-text>"),
        INLINE + "<mj-style>.w { font-weight: bold; font-style: italic }</mj-style>",
    ),
    "weights from around": page(
        section(
            "<mj-text><b><span class='a'>bold</span></b> <i "
            "class='a'>slanted</i><h2 class='a'>Headline</h2>"
            "<div style='font-variant:small-caps'><span class='a'>Capitals</span></div>"
            "<div style='font-weight:600'><p class='a'>Half <code class='a'>code</code></p></div></mj-text>"
        ),
        INLINE,
    ),
    "cascade": page(
        section(
            "<mj-text><div class='c'><span class='b'>x</span><p "
            "class='a b'>y</p></div><span class='b'>z</span></mj-text>"
        ),
        INLINE,
    ),
    "sizes that add up": page(
        section(
            "<mj-text><div style='font-size:2em'><div style='font-size:2em'>x</div></div>"
            "<table style='font-size:20px'><tr><td "
            "style='font-size:20px;text-align:left' align='center'>y</td></tr></table>"
            "</mj-text>"
        )
    ),
    "neighbours": page(
        section("<mj-text><p class='d'>one</p><p class='d'>two</p></mj-text>"),
        "<mj-style inline='inline'>p + p { color: blue } p:first-child { color: green }</mj-style>",
    ),
    "right to left": page(
        f"<mj-section><mj-column>{TEXT}</mj-column><mj-column>{IMAGE}</mj-column></mj-section>"
        + section(
            "<mj-text><div dir='ltr' style='text-align:right'>x<p "
            "style='text-align:right'>y</p></div></mj-text>"
        ),
        attributes=' lang="ar" dir="rtl"',
    ),
    "styles that are not plain": page(
        section(
            "<mj-text><p style='color:red !important;text-align:center'>x</p>"
            "<p style='width:%%NAME%%px'>y</p>"
            "<div style='color:blue;color:green'><span style='background:url(a;b)'>z</span></div></mj-text>"
        )
    ),
}
