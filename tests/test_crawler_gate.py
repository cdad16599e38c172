# ruff: noqa: E501 - a page is easier to read on one line
"""What stands in an article's place is named; what is a short article is let through."""

import json

import pytest

from crawler.answers import of_redirect
from crawler.extract import read_page
from crawler.gate import judge_page
from store.model import Block, BlockKind, Document

CHROME = """<!DOCTYPE html><html lang="{lang}"><head><meta charset="utf-8"><title>{title}</title></head><body>
<header><nav><ul><li><a href="/">Home</a></li><li><a href="/world">World</a></li><li><a href="/sport">Sport</a></li>
<li><a href="/login">Log in</a></li><li><a href="/subscribe">Subscribe</a></li></ul></nav></header>
<main>{main}</main>
<footer><ul><li><a href="/privacy">Privacy policy</a></li><li><a href="/cookies">Cookie settings</a></li>
<li><a href="/corrections">Corrections</a></li></ul><p>© 2026 The Harbour Post</p></footer></body></html>"""

INTERSTITIALS = [
    ("captcha", "Just a moment...", "<h1>Just a moment...</h1><p>Verifying you are human. This may take a few seconds.</p><p>example.org needs to review the security of your connection before proceeding.</p>"),
    ("captcha", "The Harbour Post", "<h2>Are you a robot?</h2><p>We have detected unusual activity from your network. Please complete the security check to go on.</p><form><input><button>I'm not a robot</button></form>"),
    ("captcha", "Kontrola bezpieczeństwa", "<h2>Jeszcze jeden krok</h2><p>Wykryliśmy nietypowy ruch z Twojej sieci. Potwierdź, że nie jesteś robotem.</p><p>Numer: 7c1f-22ab</p>"),
    ("captcha", "בדיקת אבטחה", "<h2>עוד צעד אחד</h2><p>זיהינו תעבורה חריגה מהרשת שלך. אנא אשרו שאינכם רובוט.</p><p>אסמכתה: 7c1f-22ab</p>"),
    ("captcha", "فحص أمني", "<h2>خطوة أخيرة</h2><p>رصدنا حركة غير معتادة من شبكتك. يرجى تأكيد أنك لست روبوتاً.</p><p>الرمز: 7c1f-22ab</p>"),
    ("captcha", "Sicherheitsprüfung", "<h1>Sicherheitsprüfung</h1><p>Bitte bestätigen Sie, dass Sie kein Roboter sind, um fortzufahren.</p>"),
    ("block_page", "Access Denied", "<h1>Access Denied</h1><p>You don't have permission to access this page on this server.</p><p>Reference #18.2d351ab8.1557333295.a4e16ab</p>"),
    ("block_page", "403 Forbidden", "<h1>403 Forbidden</h1><p>Your IP address has been blocked.</p>"),
    ("block_page", "The Harbour Post", "<h1>We're sorry</h1><p>This content is not available in your region. Our website is currently unavailable in most European countries because of the General Data Protection Regulation, and we cannot offer it there.</p>"),
    ("block_page", "451: Unavailable for legal reasons", "<h1>451: Unavailable for legal reasons</h1><p>We recognize you are attempting to access this website from a country belonging to the European Economic Area, therefore access cannot be granted at this time.</p>"),
    ("cookie_wall", "Before you continue", "<h1>Before you continue</h1><p>We and our 842 partners store and access information on your device with cookies. You can accept or manage your choices.</p><button>Accept all</button><button>Reject all</button>"),
    ("cookie_wall", "The Harbour Post", "<div><h2>We value your privacy</h2><p>We and our partners use cookies and similar technologies to show personalised ads and content. By clicking “Accept all” you consent to the use of cookies.</p><p>You can change your cookie preferences at any time.</p></div>"),
    ("cookie_wall", "Zustimmung", "<h1>Mit Werbung weiterlesen</h1><p>Wir und unsere Partner verwenden Cookies, um Inhalte zu personalisieren. Alle akzeptieren oder Einstellungen.</p>"),
    ("cookie_wall", "Gestion des cookies", "<h1>Votre vie privée</h1><p>Nous et nos 210 partenaires utilisons des cookies pour mesurer l'audience. Accepter et continuer, ou continuer sans accepter.</p>"),
    ("paywall", "Council sells the old pier - The Harbour Post", "<article><h1>Council sells the old pier</h1><p>The council voted on Monday night to sell the old pier to a private company, ending a dispute of nine years.</p><div class='gate'><h2>Subscribe to continue reading</h2><p>This article is for subscribers only. Already a subscriber? Log in.</p></div></article>"),
    ("paywall", "Stadt verkauft Seebrücke", "<article><h1>Stadt verkauft Seebrücke</h1><p>Der Rat stimmte am Montagabend für den Verkauf der alten Seebrücke an eine private Firma.</p><p>Dieser Artikel ist nur für Abonnenten lesbar. Jetzt weiterlesen mit dem Digitalabo.</p></article>"),
    ("paywall", "Le port vendu", "<article><h1>Le port vendu</h1><p>Le conseil a voté lundi soir la vente de l'ancienne jetée.</p><p>Il vous reste 82% de cet article à lire. La suite est réservée aux abonnés.</p></article>"),
    ("login", "Log in - The Harbour Post", "<h1>Log in to your account</h1><form><label>E-mail</label><input><label>Password</label><input type=password></form><p>Forgot your password? Create an account.</p>"),
    ("login", "The Harbour Post", "<h1>Welcome back</h1><p>Please log in to view this page.</p><p>Don't have an account? Create your free account.</p>"),
    ("login", "Anmelden", "<h1>Anmelden</h1><p>Bitte melden Sie sich an, um fortzufahren. Passwort vergessen?</p>"),
    ("soft_404", "Page not found - The Harbour Post", "<h1>Page not found</h1><p>The page you are looking for doesn't exist or has been moved. Try a search, or go to the front page.</p>"),
    ("soft_404", "Oops!", "<h1>Oops!</h1><p>We can't find the page you requested. It may have been removed.</p><ul><li><a href='/1'>Ferry to run at night</a></li><li><a href='/2'>Choir wins prize</a></li></ul>"),
    ("soft_404", "Seite nicht gefunden", "<h1>Fehler 404</h1><p>Die gewünschte Seite wurde leider nicht gefunden.</p>"),
    ("soft_404", "The Harbour Post", "<h1>Sorry</h1><p>This article is no longer available.</p>"),
    ("maintenance", "Maintenance", "<h1>We'll be right back</h1><p>The site is down for scheduled maintenance. Please try again in a few minutes.</p>"),
    ("maintenance", "503 Service Unavailable", "<h1>503 Service Unavailable</h1><p>The server is temporarily unable to handle the request.</p>"),
    ("maintenance", "Wartungsarbeiten", "<h1>Wartungsarbeiten</h1><p>Unsere Seite ist derzeit nicht erreichbar. Wir sind bald zurück.</p>"),
    ("maintenance", "We're sorry, but something went wrong (500)", "<h1>We're sorry, but something went wrong.</h1><p>If you are the application owner check the logs for more information.</p>"),
    ("soft_404", "HTTP Status 404 – Not Found", "<h1>HTTP Status 404 – Not Found</h1><p><b>Description</b> The origin server did not find a current representation for the target resource.</p>"),
    ("soft_404", "Ferry suspended", "<h1>Ferry suspended after fire</h1><p>Sorry, this AFP story is no longer available for copyright reasons.</p>"),
    ("cookie_wall", "The Harbour Post", "<iframe src='https://cdn.privacy-mgmt.com/index.html?message_id=1' title='SP Consent Message'></iframe><script>x=1</script>"),
    ("login", "The Harbour Post", "<h1>Ferry suspended after fire</h1><form><input type=email><input type=password><button>Go</button></form>"),
    ("paywall", "Ferry suspended", "<article><h1>Ferry suspended after fire</h1><p>The ferry was taken out of service after a fire on Tuesday, the operator said.</p><a class='button'>Read more in our app</a></article>"),
    ("js_shell", "The Harbour Post", "<div id='root'></div><noscript>You need to enable JavaScript to run this app.</noscript><script src='/app.js'></script>"),
    ("js_shell", "The Harbour Post", "<h1>JavaScript is disabled</h1><p>Please enable JavaScript in your browser to read this site.</p>"),
]  # fmt: skip

ARTICLES = [
    ("Ferry resumes", "<p>The night ferry between the two islands will run again from Friday. The company said the repairs had taken longer than planned.</p>"),
    ("Two held after fire", "<p>Two people were arrested on Sunday after a fire at a warehouse by the docks.</p><p>Nobody was hurt, police said.</p>"),
    ("Bank site back after maintenance", "<p>The website of the Coastal Bank was temporarily unavailable on Tuesday. Customers saw a page that said it was down for scheduled maintenance.</p><p>A spokeswoman said that a faulty cable had been found and that all accounts were safe. The regulator wants a report by the end of the week.</p>"),
    ("Court rules on cookie banners", "<p>Publishers may not hide the button that rejects cookies, a court ruled on Wednesday.</p><p>The case had been brought by a group of readers in 2023. The publisher's lawyer said it would appeal, and that it had acted in good faith throughout.</p>"),
    ("New captcha defeats students", "<p>Students at the harbour school could not sign up for exams because a captcha asked them for traffic lights in pictures of the sea.</p><p>The school apologised and reopened the list for another three days, the head teacher said on Thursday.</p>"),
    ("US to lift travel ban", "<p>Travellers who are vaccinated may enter the US from Monday.</p><p>The US says the rule will hold until spring.</p>"),
    ("500,000 homes without power", "<p>A storm cut power to half a million homes on Sunday.</p><p>Two people were hurt.</p>"),
    ("Mayor steps down", "<p>Mayor Ada Winter resigned on Monday.</p><p>She gave no reason.</p>"),
    ("Fähre fährt wieder", "<p>Die Nachtfähre zwischen den Inseln fährt ab Freitag wieder. Die Reparatur habe länger gedauert als geplant, teilte die Reederei mit.</p>"),
]  # fmt: skip


def page(title: str, main: str, lang: str = "en") -> str:
    return CHROME.format(title=title, main=main, lang=lang)


@pytest.mark.parametrize(("detail", "title", "main"), INTERSTITIALS)
def test_an_interstitial_is_named(detail, title, main):
    quality = read_page(page(title, main), "https://post.example/2026/11/pier").quality
    assert (quality.is_article, quality.detail) == (False, detail)
    assert quality.reason.endswith(".")
    assert quality.reason.count(".") == 1


@pytest.mark.parametrize(("headline", "paragraphs"), ARTICLES)
def test_a_short_article_is_an_article(headline, paragraphs):
    main = f"<article><h1>{headline}</h1>{paragraphs}</article>"
    document = read_page(page(f"{headline} - The Harbour Post", main), "https://post.example/a/1")
    assert document.quality.is_article, document.quality
    assert document.quality.detail == "article"


LEAD = "<p>The keeper of the weir said that the gates had held through a long and windy night.</p>"
WHOLE = "".join(
    f"<p>At {n} the water stood {n * 7} centimetres high, and {n * 3} boats lay in the harbour, the keeper said.</p>"
    for n in range(1, 11)
)


@pytest.mark.parametrize(
    ("said", "paragraphs", "detail"),
    [
        ("""{"@type": "NewsArticle", "isAccessibleForFree": false}""", LEAD, "paywall"),
        (
            """{"isAccessibleForFree":"False","hasPart":{"isAccessibleForFree":"False"}}""",
            LEAD,
            "paywall",
        ),
        ("""{"@type": "NewsArticle", "isAccessibleForFree": true}""", LEAD, "article"),
        (
            """{"isAccessibleForFree": true, "hasPart": {"isAccessibleForFree": false}}""",
            LEAD,
            "article",
        ),
        ("""{"isAccessibleForFree": false}""", WHOLE, "article"),
        ("{}", LEAD, "article"),
    ],
)
def test_a_few_lines_of_what_the_page_says_is_not_free_are_a_paywalls(said, paragraphs, detail):
    main = f"<article><h1>The weir holds</h1>{paragraphs}</article>"
    data = f"<script type='application/ld+json'>{said}</script>"
    quality = read_page(page("The weir holds", main + data), "https://post.example/a/1").quality
    assert quality.detail == detail, quality


def test_a_text_that_stands_in_the_data_and_is_not_shown_is_a_paywalls():
    text = "市は12日、港の桟橋を売却すると発表した。" * 12
    data = f"<script type='application/ld+json'>{json.dumps({'@type': 'NewsArticle', 'articleBody': text})}</script>"
    offer = "<div><p>この先は有料会員の方のみお読みいただけます。</p></div>"
    shown = f"<article><h1>桟橋を売却</h1><p>{text[:21]}</p>{offer}</article>{data}"
    whole = f"<article><h1>桟橋を売却</h1><p>{text}</p></article>{data}"
    details = [
        read_page(page("桟橋を売却", main, "ja"), "https://post.example/a/1").quality.detail
        for main in (shown, whole)
    ]
    assert details == ["paywall", "article"]


def test_a_note_that_speaks_of_its_article_takes_nothing_away():
    note = "Correction: An earlier version of this article named the wrong ship; that has been removed."
    main = f"<article><h1>Ferry resumes</h1><p>The night ferry will run again from Friday.</p><p>{note}</p></article>"
    assert read_page(page("Ferry resumes", main), "https://post.example/a/1").quality.is_article


def test_a_bare_shell_is_a_shell():
    html = "<html><head><title>Post</title><script src='/a.js'></script></head><body><div id='app'></div></body></html>"
    assert read_page(html, "https://post.example/a/1").quality.detail == "js_shell"


def test_an_empty_body_is_no_article():
    quality = read_page("", "https://post.example/a/1").quality
    assert (quality.is_article, quality.detail) == (False, "not_article")


@pytest.mark.parametrize(
    ("asked", "got", "home"),
    [
        ("https://p.example/news/2026/pier", "https://p.example/", True),
        ("https://p.example/news/2026/pier", "https://p.example/news/", True),
        ("https://p.example/news/2026/pier", "https://p.example/en/", True),
        ("https://p.example/news/2026/pier", "https://p.example/news/2026/pier/", False),
        ("http://p.example/news/2026/pier", "https://www.p.example/news/2026/pier", False),
        ("https://p.example/news/pier", "https://p.example/news/old-pier-sold", False),
        ("https://p.example/", "https://p.example/en/", False),
    ],
)
def test_a_redirect_to_the_front_page_is_told_from_a_move(asked, got, home):
    assert (of_redirect(asked, got) is not None) is home


def test_a_front_page_is_a_listing():
    items = "".join(
        f"<li><a href='/{n}'>Story number {n} about the harbour and its people</a></li>"
        for n in range(20)
    )
    document = Document(
        address="https://p.example/",
        headline=None,
        blocks=tuple(
            Block(
                BlockKind.LIST_ITEM,
                f"Story number {n} about the harbour",
                (f"https://p.example/{n}",),
            )
            for n in range(20)
        ),
    )
    assert judge_page(document, items).detail == "listing"


def test_a_page_of_bare_links_is_a_listing():
    links = "".join(f"<li><a href='/s/{n}'>What happened on day {n}</a></li>" for n in range(30))
    html = (
        f"<html><head><title>News</title></head><body><h1>News</h1><ul>{links}</ul></body></html>"
    )
    assert read_page(html, "https://p.example/first").quality.detail == "listing"


def test_an_error_status_with_a_short_page_is_no_article():
    document = Document(
        "https://p.example/a",
        "Hm",
        (Block(BlockKind.PARAGRAPH, "Some words that explain nothing at all."),),
    )
    assert judge_page(document, "", status=500).detail == "error_page"


def test_a_long_article_is_an_article_whatever_words_it_uses():
    quality = judge_page(
        long_document("Please log in. Accept all cookies. Page not found. Captcha."), ""
    )
    assert quality.is_article


def long_document(first: str = "The pier was sold.") -> Document:
    words = (
        "The council met on Monday and talked for hours about the pier, its price and its piles. "
    )
    blocks = [
        Block(BlockKind.PARAGRAPH, first),
        *(Block(BlockKind.PARAGRAPH, words * 3) for _ in range(6)),
    ]
    return Document("https://p.example/news/2026/pier", "Council sells the old pier", tuple(blocks))


@pytest.mark.parametrize(
    "mark",
    [
        "<script src='/cdn-cgi/challenge-platform/scripts/jsd/main.js'></script>",
        "<script src='/_Incapsula_Resource?SWJIYLWA=719d34d3'></script>",
        "<script src='https://a.token.awswaf.com/a/challenge.js'></script>",
        "<script src='https://js.datadome.co/tags.js'></script>",
    ],
)
def test_what_a_shield_adds_to_good_pages_makes_no_wall_of_them(mark):
    main = f"<article><h1>Mayor steps down</h1><p>Mayor Ada Winter resigned on Monday.</p><p>She gave no reason to the council.</p></article>{mark}"
    assert read_page(page("Mayor steps down", main), "https://post.example/a/1").quality.is_article


def test_a_refusal_shows_what_gave_the_page_away():
    html = page("Verlag", "<h1>Anmelden</h1><p>Bitte melden Sie sich an.</p>")
    reason = read_page(html, "https://post.example/a/1").quality.reason
    assert reason == "The page asks the visitor to log in (“Anmelden”)."
