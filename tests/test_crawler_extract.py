# ruff: noqa: E501 - a page is easier to read on one line
"""Reading a page: the article, all of it, and nothing else, the same at every fetch."""

import random

import pytest

from crawler.extract import EXTRACTOR, read_page
from store.model import BlockKind, NoteKind, Place

URL = "https://post.example/2026/11/pier-sold"
TITLE = "Council sells the old pier after nine years of dispute"
BODY = [
    "The council voted on Monday night to sell the old pier to a private company, ending a dispute that had lasted for nine years.",
    "Ada Winter, who leads the council, said the price of 4.2 million crowns was “fair to the town and to those who walk there every day”.",
    "Opponents had gathered 11,000 signatures against the sale. They fear that the pier will be closed in winter, as the swimming hall was.",
    "The buyer, Nordlys Holding, promised to keep the pier open all year and to repair its piles before the summer of next year.",
    "A court will still have to look at a complaint by two shop owners, whose leases end in March.",
]
UPDATE = (
    "Update: Nordlys Holding, in a statement, said that the winter closing had never been planned."
)
CORRECTION = "Correction: An earlier version of this article said the price was 2.4 million crowns. It is 4.2 million crowns."

COMMENT = """<li id="comment-{n}" class="comment depth-{depth}"><article class="comment-body"><footer class="comment-meta"><div class="comment-author vcard"><b class="fn">{author}</b> <span class="says">says:</span></div><div class="comment-metadata"><time>{n} hours ago</time></div></footer><div class="comment-content"><p>{text}</p></div><div class="reply"><a href="#">Reply</a></div></article>{children}</li>"""


def comment(n, author, text, depth=1, children=""):
    if children:
        children = f'<ol class="children">{children}</ol>'
    return COMMENT.format(n=n, author=author, text=text, depth=depth, children=children)


THREAD = comment(1, "Olav", "This headline is wrong, the pier was leased and not sold. Update: still wrong.", 1,
    comment(2, "Mette", "It was sold, read the minutes of the meeting.", 2,
        comment(3, "Olav", "I did, and they say something else. Correction: they say nothing at all.", 3)))  # fmt: skip


def page(
    body=None,
    *,
    thread=THREAD,
    related="Ferry to run at night",
    views=120,
    ago="3 hours ago",
    extra="",
    aside="",
    head="",
):
    paragraphs = "".join(f"<p>{text}</p>" for text in (BODY if body is None else body))
    return f"""<!DOCTYPE html><html lang="en-GB"><head><meta charset="utf-8"><title>{TITLE} - The Harbour Post</title>
<meta property="og:title" content="You won't believe what happened to our pier">
<meta property="og:site_name" content="The Harbour Post"><meta property="article:published_time" content="2026-11-16T21:05:00+01:00">
<link rel="canonical" href="/2026/11/pier-sold">
<script type="application/ld+json">{{"@context":"https://schema.org","@type":"NewsArticle","headline":"{TITLE}","datePublished":"2026-11-16T21:05:00+01:00","dateModified":"2026-11-17T08:00:00+01:00","author":[{{"@type":"Person","name":"Ida Holm"}},{{"@type":"Person","name":"Per Lund"}}],"articleSection":"Town",}}</script>{head}</head>
<body class="single has-sidebar newsletter-active"><header class="site-header"><nav><ul><li><a href="/">Home</a></li><li><a href="/corrections">Corrections</a></li></ul></nav></header>
<main><article class="post"><header class="entry-header"><h1 class="entry-title">{TITLE}</h1><div class="entry-meta">By Ida Holm and Per Lund · {ago} · {views} views · 4 min read</div></header>
<div class="share-bar"><a href="#">Facebook</a> <a href="#">Twitter</a></div>
<div class="entry-content">{paragraphs}
<p>READ NEXT: <a href="/n">{related}</a></p>
<p>Since you’re here… we have a small favour to ask. More people than ever read the Post, and few of them pay for it. Please support us.</p>
<p>Sign up for our newsletter and get the news of the town every morning.</p>
<p>Advertisement</p>{extra}</div>
<section class="related-posts"><h3>You may also like</h3><ul><li><a href="/a">UPDATE: {related}</a></li><li><a href="/b">Choir wins a prize in the capital</a></li></ul></section></article>
<div id="comments" class="comments-area"><h2>3 thoughts</h2><ol class="comment-list">{thread}</ol><p>You must be logged in to post a comment.</p></div></main>
<aside class="sidebar"><h3>Most read</h3><ol><li><a href="/c">Correction: the {related}</a></li></ol>{aside}</aside>
<footer><p>© 2026 The Harbour Post. All rights reserved.</p></footer></body></html>"""


def texts(document):
    return [block.text for block in document.blocks]


def test_the_body_is_the_article_and_nothing_else():
    document = read_page(page(), URL)
    assert texts(document) == BODY
    assert document.notes == ()
    assert document.quality.is_article


def test_the_frame_is_read_from_the_page():
    document = read_page(page(), URL)
    assert document.headline == TITLE
    assert document.byline == "Ida Holm, Per Lund"
    assert document.published == "2026-11-16T21:05:00+01:00"
    assert document.modified == "2026-11-17T08:00:00+01:00"
    assert document.language == "en"
    assert document.extractor == EXTRACTOR


def test_the_publishers_claims_stay_claims():
    claims = read_page(page(), URL).claims
    assert claims.social_headline == "You won't believe what happened to our pier"
    assert claims.outlet == "The Harbour Post"
    assert claims.section == "Town"
    assert claims.canonical == URL
    assert claims.live_blog is False


def test_an_inline_update_is_a_note_at_its_place():
    body = [*BODY[:2], UPDATE, *BODY[2:]]
    document = read_page(page(body), URL)
    assert texts(document) == body
    (note,) = document.notes
    assert (note.kind, note.text, note.place, note.block) == (
        NoteKind.UPDATE,
        UPDATE,
        Place.INLINE,
        2,
    )
    assert document.blocks[2].kind is BlockKind.NOTE


@pytest.mark.parametrize(
    "markup",
    [
        f"<p><em>{CORRECTION}</em></p>",
        f'<div class="correction-box"><p>{CORRECTION}</p></div>',
        f'<aside class="article-note"><p>{CORRECTION}</p></aside>',
        f'<footer class="article-footer"><p>{CORRECTION}</p></footer>',
        f'<div class="entry-meta"><p>{CORRECTION}</p></div>',
        f'<p class="meta small">{CORRECTION}</p>',
        f"<hr><small>{CORRECTION}</small>",
    ],
)
def test_a_correction_is_kept_however_it_is_marked_up(markup):
    document = read_page(page(extra=markup), URL)
    assert texts(document) == [*BODY, CORRECTION]
    assert [note.kind for note in document.notes] == [NoteKind.CORRECTION]


def test_a_label_in_its_own_element_stays_with_its_note():
    text = "An earlier version of this article said the price was 2.4 million crowns."
    document = read_page(
        page(extra=f"<div class='note'><h4>Correction</h4><p>{text}</p></div>"), URL
    )
    assert texts(document)[-2:] == ["Correction", text]
    assert document.notes[0].kind is NoteKind.CORRECTION
    assert text in document.notes[0].text


def test_teasers_links_and_readers_are_no_notes():
    aside = "<p>Correction: the ferry runs at ten. <a href='/x'>Read the story</a></p>"
    document = read_page(page(aside=aside), URL)
    assert document.notes == ()
    assert texts(document) == BODY


def test_comments_are_apart_with_author_and_depth():
    comments = read_page(page(), URL).comments
    assert [(c.author, c.depth) for c in comments] == [("Olav", 0), ("Mette", 1), ("Olav", 2)]
    assert comments[0].text.startswith("This headline is wrong")
    assert comments[1].text == "It was sold, read the minutes of the meeting."


@pytest.mark.parametrize(
    "area",
    [
        '<div id="disqus_thread"><ul><li class="post"><span class="author">Olav</span><div class="post-message"><p>So wrong.</p></div><ul class="children"><li class="post"><span class="author">Mette</span><div class="post-message"><p>Why so?</p></div></li></ul></li></ul></div>',
        '<section class="article-comments"><ul><li><b>Olav</b> So wrong.<ul><li><b>Mette</b> Why so?</li></ul></li></ul></section>',
        '<div class="c-comments"><div itemscope itemtype="https://schema.org/Comment"><span itemprop="author">Olav</span><p>So wrong.</p><div itemscope itemtype="https://schema.org/Comment"><span itemprop="author">Mette</span><p>Why so?</p></div></div></div>',
        '<div id="kommentare"><div class="kommentar"><span class="username">Olav</span><p>So wrong.</p><div class="kommentar"><span class="username">Mette</span><p>Why so?</p></div></div></div>',
    ],
)
def test_threads_of_other_makers_are_read(area):
    document = read_page(page(thread="").replace("</main>", f"{area}</main>"), URL)
    found = [(c.author, c.text, c.depth) for c in document.comments]
    assert found == [("Olav", "So wrong.", 0), ("Mette", "Why so?", 1)]
    assert texts(document) == BODY


def test_what_changes_around_the_article_changes_nothing():
    more = THREAD + "".join(
        comment(n, f"Reader {n}", "The headline should be changed! " * 8) for n in range(40)
    )
    first = read_page(page(), URL)
    again = read_page(
        page(
            thread=more,
            related="A wholly different tale of a lighthouse and its keeper",
            views=98321,
            ago="2 days ago",
        ),
        URL,
    )
    assert again.blocks == first.blocks
    assert again.headline == first.headline
    assert len(again.comments) == 43


@pytest.mark.parametrize(
    "line",
    [
        "Read also: Ferry to run at night", "Lesen Sie auch: Die Fähre fährt nachts", "Lire aussi : Le ferry de nuit",
        "3 hours ago", "vor 5 Minuten", "1,234 views", "4 min read", "Anzeige", "Share this article", "Facebook Twitter WhatsApp",
        "You must be logged in to post a comment.", "Leave a comment", "Follow us on Twitter", "Photo: Ida Holm / The Harbour Post",
        "更新时间 6:40", "更新 2026年11月22日 14:05", "업데이트 6:40", "آخر تحديث 6:40", "עודכן בשעה 6:40", "3分钟前", "12 минут назад",
        "Updated: 9.45pm", "Aktualisiert: 11.04.2020, 10:27", "Tags: pier, council, sale", "All rights reserved.",
    ],
)  # fmt: skip
def test_a_line_of_furniture_in_the_body_is_left_out(line):
    document = read_page(page([*BODY[:3], line, *BODY[3:]]), URL)
    assert texts(document) == BODY
    assert document.notes == ()


@pytest.mark.parametrize(
    "line",
    [
        "Read also the report, she said, and you will understand why so many people signed.",
        "Photographs of the pier hung in every window of the street that leads down to the water.",
        "Share prices of Nordlys Holding rose by four per cent on the morning after the vote.",
        "Today the pier is open.",
    ],
)
def test_a_sentence_that_begins_like_furniture_stays(line):
    body = [*BODY[:3], line, *BODY[3:]]
    assert texts(read_page(page(body), URL)) == body


def test_the_lead_under_the_headline_belongs_to_the_text():
    lead = "After nine years the town parts with its landmark, and nobody knows yet who will pay for the piles."
    html = page().replace("</h1>", f'</h1><h2 class="article-teaser-text">{lead}</h2>')
    assert texts(read_page(html, URL)) == [lead, *BODY]


def test_links_and_kinds_are_kept():
    extra = '<h2>What comes next</h2><ul><li>The court meets on 3 March to hear the two owners.</li></ul><blockquote><p>We will not go, said one of the owners, who sells ice cream.</p></blockquote><p>The minutes are on <a href="/minutes">the page of the council</a>, where anyone may read them.</p>'
    document = read_page(page(extra=extra), URL)
    kinds = [block.kind for block in document.blocks[len(BODY) :]]
    assert kinds == [BlockKind.HEADING, BlockKind.LIST_ITEM, BlockKind.QUOTE, BlockKind.PARAGRAPH]
    assert document.blocks[-1].links == ("https://post.example/minutes",)


def test_the_corrections_of_the_metadata_are_claims():
    head = '<script type="application/ld+json">{"@type":"NewsArticle","headline":"x","url":"https://post.example/2026/11/pier-sold","correction":{"@type":"CorrectionComment","text":"The price was 4.2 million."}}</script>'
    assert read_page(page(head=head), URL).claims.corrections == ("The price was 4.2 million.",)


def test_a_live_blog_says_so():
    head = '<script type="application/ld+json">{"@graph":[{"@type":["LiveBlogPosting"],"headline":"Pier: live"}]}</script>'
    assert read_page(page(head=head), URL).claims.live_blog


def test_hostile_signs_are_cleaned_out_of_every_text():
    dirty = "The pier\x00 was\u202e sold\ud800 for \u2066four\u2069 million crowns, the council\x07 said."
    document = read_page(page([*BODY, dirty]), URL)
    assert texts(document)[-1] == "The pier was sold for four million crowns, the council said."
    head = '<script type="application/ld+json">{"@type":"NewsArticle","headline":"a","author":"Ida \\ud800Holm","url":"https://post.example/2026/11/pier-sold"}</script>'
    document = read_page(page(head=head), URL)
    repr(document).encode("utf-8")
    assert document.byline == "Ida Holm"


@pytest.mark.parametrize(
    "html",
    [
        "",
        " ",
        "<",
        "plain words",
        "<html>",
        "<p>a",
        "\x00",
        "<!--",
        "<![CDATA[",
        "{}",
        "<html><body></body></html>",
    ],
)
def test_no_page_is_too_broken_to_be_read(html):
    document = read_page(html, "")
    assert document.quality.is_article is False


def test_mutated_pages_never_raise():
    chance = random.Random(20261122)
    whole = page(
        [*BODY, UPDATE],
        extra=f"<aside><p>{CORRECTION}</p></aside><table><tr><td>1</td><td>2</td></tr></table>",
    )
    for _ in range(60):
        signs = list(whole)
        for _ in range(chance.randint(1, 40)):
            at = chance.randrange(len(signs))
            step = chance.choice(["drop", "swap", "junk", "cut"])
            if step == "drop":
                del signs[at : at + chance.randint(1, 200)]
            elif step == "swap":
                signs[at] = chance.choice("<>\"'&/=\x00\ud800\u202e ")
            elif step == "junk":
                signs[at:at] = list(
                    chance.choice(
                        [
                            "<div>",
                            "</article>",
                            "<!--",
                            "]]>",
                            "<p",
                            "&#xD800;",
                            "<table><td>",
                            '<script type="application/ld+json">{"@type":[[1],{"a":null}]}</script>',
                        ]
                    )
                )
            elif chance.random() < 0.05:
                del signs[at:]
            if not signs:
                break
        read_page("".join(signs), URL)


# --------------------------------------------------------------------------
# The same article in other clothes

MENU = '<div class="menu"><a href="/">Home</a> <a href="/w">World</a> <a href="/s">Sport</a></div>'
MORE = '<div class="more"><h3>More from the Post</h3><p><a href="/a">Ferry to run at night</a></p><p><a href="/b">Choir wins a prize</a></p></div>'
ALL = [*BODY, CORRECTION]


def wrapped(pattern, between=""):
    return between.join(pattern.format(text) for text in ALL)


TEMPLATES = {
    "divs": f'{MENU}<h1>{TITLE}</h1><div class="story">{wrapped("<div class=para>{}</div>")}</div>{MORE}',
    "line breaks": f'{MENU}<h1>{TITLE}</h1><div id="text">{wrapped("{}", "<br><br>")}</div>{MORE}',
    "a table": f"<table><tr><td>{MENU}</td><td><h1>{TITLE}</h1>{wrapped('<p>{}</p>')}</td><td>{MORE}</td></tr></table>",
    "own elements": f"<main><post-article><h1>{TITLE}</h1><article-body>{wrapped('<p><span>{}</span></p>')}</article-body></post-article></main>{MORE}",
    "no h1": f'{MENU}<article><h2 class="article-title">{TITLE}</h2><section>{wrapped("<p>{}</p>")}</section></article>{MORE}',
    "adverts between": f"{MENU}<main><h1>{TITLE}</h1>{wrapped('<section><p>{}</p></section>', '<div class=ad-slot>Advertisement</div>')}</main>{MORE}",
    "misleading names": f'{MENU}<div class="sidebar-right with-comments modal-open"><h1>{TITLE}</h1><div class="paywall newsletter-promo">{wrapped("<p>{}</p>")}</div></div>{MORE}',
    "hashed names": f'<main class="css-1ab"><h1 class="css-9zz">{TITLE}</h1><div class="css-2cd">{wrapped("<div class=css-1q><p class=css-77>{}</p></div>")}</div></main>',
    "open paragraphs": f'{MENU}<h1>{TITLE}</h1><div class="content">{wrapped("<P ALIGN=left>{}")}</div>{MORE}',
}


@pytest.mark.parametrize("name", TEMPLATES)
def test_a_new_template_changes_nothing(name):
    html = f'<!DOCTYPE html><html lang="en"><head><title>{TITLE} | Post</title></head><body>{TEMPLATES[name]}</body></html>'
    document = read_page(html, URL)
    assert texts(document) == ALL
    assert document.headline == TITLE
    assert [note.kind for note in document.notes] == [NoteKind.CORRECTION]


# --------------------------------------------------------------------------
# Short items

ITEM = [
    "The night ferry between the two islands will run again from Friday.",
    "The company said the repairs had taken longer than planned.",
]


def teasers(name, n):
    card = '<div class="item"><h4><a href="/{n}{k}">Choir number {n}{k} wins a prize in the capital</a></h4><p>The choir of school number {n}{k} has won a prize, and the whole town is proud of it today.</p></div>'
    return f'<div class="{name}"><h3>Latest</h3>{"".join(card.format(n=n, k=k) for k in range(5))}</div>'


@pytest.mark.parametrize("name", ["related", "list", "col-4"])
@pytest.mark.parametrize(
    "frame",
    [
        "<article><h1>Ferry runs again</h1>{}</article>",
        "<h1>Ferry runs again</h1>{}",
        '<div><h1>Ferry runs again</h1><div class="body">{}</div></div>',
    ],
)
def test_a_short_item_takes_nothing_from_its_surroundings(frame, name):
    body = frame.format("".join(f"<p>{text}</p>" for text in ITEM))
    footer = "<div><p>The Harbour Post is published by the Harbour Society, which was founded in the year 1893.</p></div>"
    for n in (1, 7):
        html = f'<html lang="en"><head><title>Ferry runs again | Post</title></head><body>{MENU}{body}{teasers(name, n)}{footer}</body></html>'
        assert texts(read_page(html, URL)) == ITEM


def test_a_short_item_keeps_the_line_that_opens_it_under_a_button():
    opening = "“Crisp outside and soft inside”, at night"
    html = f'<html lang="en"><body>{MENU}<div><h1>Ferry runs again</h1><div><div><a href="/go/1">To the ferry »</a></div>'
    html += "".join(f"<p>{text}</p>" for text in (opening, *ITEM))
    assert texts(read_page(f"{html}</div></div></body></html>", URL)) == [opening, *ITEM]


# --------------------------------------------------------------------------
# Notes wherever they stand

NOTES = [
    CORRECTION,
    "Editor's note: This story was updated on Tuesday to include a statement of the buyer.",
    "UPDATE (8:30 p.m.): The court will hear the case on 3 March.",
]
BOXES = [
    "<div>{}</div>",
    "<aside><p>{}</p></aside>",
    "<footer><p>{}</p></footer>",
    '<ul class="corrections"><li>{}</li></ul>',
    '<section class="widget footnote"><p>{}</p></section>',
    '<div class="info-banner"><p>{}</p></div>',
    '<p class="teaser">{}</p>',
]


@pytest.mark.parametrize("box", BOXES)
@pytest.mark.parametrize("note", NOTES)
@pytest.mark.parametrize(
    "before",
    [
        '<div class="share-bar">',
        '<div class="entry-content">',
        f"<p>{BODY[2]}</p>",
        '<section class="related-posts">',
    ],
)
def test_no_note_is_lost_wherever_it_stands(note, box, before):
    document = read_page(page().replace(before, box.format(note) + before), URL)
    assert note in texts(document)
    assert [found.text for found in document.notes] == [note]
    assert [text for text in texts(document) if text != note] == BODY


# --------------------------------------------------------------------------
# Headlines


@pytest.mark.parametrize(
    ("title", "headings"),
    [
        (
            "Council sells the old pier | The Harbour Post",
            "<h1>The Harbour Post</h1>{}<h2>Council sells the old pier</h2>",
        ),
        (
            "Council sells the old pier | News from the harbour district and beyond the sea",
            "<h1>Council sells the old pier</h1>{}",
        ),
        (
            "The Harbour Post of the North | Council sells the old pier",
            "<h1>Council sells the old pier</h1>{}",
        ),
        ("Another headline for searching engines", "<h1>Council sells the old pier</h1>{}"),
        ("Council sells the old pier - The Harbour Post", "{}"),
        (
            "Council sells the old pier",
            "<h1>Ferry to run</h1><h1>Council sells the old pier</h1>{}",
        ),
    ],
)
def test_the_headline_is_the_articles_and_not_the_sites(title, headings):
    body = headings.format("".join(f"<p>{text}</p>" for text in BODY))
    html = (
        f'<html lang="en"><head><title>{title}</title></head><body><div>{body}</div></body></html>'
    )
    assert read_page(html, URL).headline == "Council sells the old pier"


@pytest.mark.parametrize(
    "note",
    [
        '<div class="note"><span class="label">Update</span> <span>{}</span></div>',
        "<p><b>UPDATE</b> {}</p>",
        "<p><strong>Update</strong><br>{}</p>",
    ],
)
@pytest.mark.parametrize("at", [0, 2, 5])
def test_a_label_in_an_element_of_its_own_needs_no_sign_behind_it(note, at):
    words = "The buyer said that the winter closing had never been planned."
    parts = [f"<p>{text}</p>" for text in BODY]
    parts.insert(at, note.format(words))
    html = page([]).replace(
        '<div class="entry-content">', f'<div class="entry-content">{"".join(parts)}'
    )
    (found,) = read_page(html, URL).notes
    assert found.kind is NoteKind.UPDATE
    assert found.text.split("\n")[1] == words


def test_a_bold_word_that_opens_a_sentence_stays_in_it():
    body = [
        *BODY,
        "<b>Update</b> your calendar: the pier <b>Correction</b> Fluid has closed its shop.",
    ]
    document = read_page(page(body), URL)
    assert not document.notes
    assert document.blocks[-1].text == body[-1].replace("<b>", "").replace("</b>", "")


def test_an_element_of_a_sites_own_making_runs_on_in_its_paragraph():
    source = '<x-source kind="study"><a href="https://study.example/1">1</a></x-source>'
    body = [f"{BODY[0][:-1]} ({source}).", *BODY[1:]]
    document = read_page(page(body), URL)
    assert texts(document) == [f"{BODY[0][:-1]} (1).", *BODY[1:]]
    assert document.blocks[0].links == ("https://study.example/1",)


def test_empty_elements_between_sentences_part_paragraphs():
    line = '<span class="br"></span>'
    body = [*BODY[:2], "<b>The price of the pier</b>", *BODY[2:]]
    document = read_page(page([f"{line}{line}".join(body)]), URL)
    assert texts(document) == [*BODY[:2], "The price of the pier", *BODY[2:]]


@pytest.mark.parametrize("text", ["The Old<span></span>Pier stays", "of 2<span></span>Crowns"])
def test_an_empty_element_parts_nothing_where_no_sentence_ends(text):
    said = text.replace("<span></span>", "")
    assert texts(read_page(page([*BODY, f"It is said: {text} as it is."]), URL)) == [
        *BODY,
        f"It is said: {said} as it is.",
    ]


def test_a_teaser_in_the_text_does_not_let_its_twin_in_from_a_list_beside_it():
    beside = '<div id="right"><b>More</b><ul><li><a href="/1">Ferry to run at night</a></li>'
    beside += '<li><a href="/2">Market hall gets a new roof</a></li></ul></div>'
    html = page().replace("</main>", f"</main>{beside}")
    assert [block.text for block in read_page(html, URL).blocks] == BODY


def test_a_byline_is_read_from_a_bare_page():
    text = "".join(f"<p>{line}</p>" for line in BODY)
    html = f"<html><body><h1>{TITLE}</h1><div class='by'>Ida Holm</div>{text}</body></html>"
    assert read_page(html, URL).byline == "Ida Holm"


@pytest.mark.parametrize(
    "said",
    [
        ["The weir was closed on Monday.", "Its keeper blames the ice.", "The town pays for it."],
        [
            "水厂因滤池开裂停产检修，三个城区从当晚起改用备用水源，居民用水暂不受影响。技术人员正在检查原因。"
            * 2,
            "水厂建成于1996年，每天供水18万吨，约占全市用水量的三分之一。五年前的扩建工程花费了三亿元。"
            * 2,
            "检修预计至少需要四十天。公司提醒高层住户，早晚高峰时段水压可能偏低，并安排了送水车。"
            * 2,
        ],
    ],
    ids=["short", "chinese"],
)
def test_a_box_of_links_that_comes_and_goes_takes_no_paragraph_with_it(said):
    box = '<div class="related-inline"><h4>More</h4><ul><li><a href="/a">A ferry at night</a></li></ul></div>'
    paragraphs = [f"<p>{text}</p>" for text in said]
    for between in ("", box):
        body = "".join([*paragraphs[:1], between, *paragraphs[1:]])
        shown = f"<html><head><title>Weir closed</title></head><body><main><article><h1>Weir closed</h1>{body}</article></main></body></html>"
        assert texts(read_page(shown.encode(), URL)) == said
