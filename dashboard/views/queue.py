"""The first screen: what changed, what matters first, each with its reason in one sentence."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

import streamlit as st

from dashboard import (
    acting,
    counts,
    data,
    feed_filters,
    following,
    frame,
    marks,
    particulars,
    ranked,
    redline,
    reviewing,
)
from dashboard.data import Row
from dashboard.markup import Html, element, foreign, join, link, unseen, words
from dashboard.ranked import Filters
from dashboard.views.queue_filters import asked, chosen_kind, minute
from dashboard.wording import (
    Clock,
    article_address,
    between,
    counted,
    declared_in_words,
    kind_in_queue,
    moment,
    plain,
)
from store.reviews import Finding

_PAGE = 40  # rows at once
_DAMAGED = "What went and came is damaged in the archive; “storylapse recompare” makes it again."

# Each rule that holds something back: what it held, one and many, and why.
_HELD = {
    "unconfirmed": (
        "headline change that waits for a second look",
        "headline changes that wait for a second look",
    ),
    "flap": ("headline that flipped back", "headlines that flipped back"),
    "other_story": (
        "story that took another's address over",
        "stories that took another's address over",
    ),
    "template": (
        "version in which the same text changed as in unrelated articles",
        "versions in which the same text changed as in unrelated articles",
    ),
    "reader": (
        "version read otherwise than the one before",
        "versions read otherwise than the ones before",
    ),
    "cosmetic": ("edit of looks only", "edits of looks only"),
    "held": ("reading too odd to believe at once", "readings too odd to believe at once"),
    "blocked": (
        "page behind a cookie wall, paywall or captcha",
        "pages behind a cookie wall, paywall or captcha",
    ),
    "unreadable": ("answer with no article in it", "answers with no article in them"),
}


def page() -> None:
    """Draw the first screen."""
    frame.heading("What changed, what matters first")
    _newsroom()
    filters = asked()
    _live(filters)


# --------------------------------------------------------------------------
# Rows


@frame.live
def _live(given: Filters) -> None:
    """The rows, asked again while the page is open: they follow the crawl without a reload."""
    filters = replace(given, group=chosen_kind(ranked.queue_counts(given)))
    limit = st.session_state.get("queue_rows", _PAGE)
    rows = ranked.queue(filters, minute(), limit + 1)
    if rows:
        articles = [row["article_id"] for row in rows[:limit]]
        sparks, said = ranked.sparks(articles), marks.standing(articles)
        frame.show(queue_list(rows[:limit], sparks, frame.clock(), said))
    else:
        frame.show(_nothing(filters))
    frame.more("queue_rows", limit, _PAGE, there=len(rows))
    frame.show(_marked())
    _noise(given.since)
    frame.show(following.follow("these changes", "all", **feed_filters.named(filters)))


def queue_list(
    rows: Sequence[Row],
    sparks: Mapping[int, Sequence[Row]],
    clock: Clock,
    said: Mapping[Finding, Row],
) -> Html:
    """The rows as one list; ``said`` are the marks that people made. Pure."""
    drawn = (
        queue_row(
            row, sparks.get(row["article_id"], []), clock, said.get(reviewing.finding_of(row))
        )
        for row in rows
    )
    return element("ol", *drawn, css="sl-queue")


def queue_row(row: Row, versions: Sequence[Row], clock: Clock, mark: Row | None) -> Html:
    """One transition or event, with the mark that somebody put on it. Pure."""
    event, declared = bool(row["event"]), bool(row.get("declared"))
    kind = kind_in_queue(row["kind"], event=event, declared=declared)
    said = declared_in_words(
        row["kind"], event=event, declared=declared, labels=row.get("kinds") or ()
    )
    name = element(
        "div", words("sl-sign", kind.sign), kind.word, element("small", said), css="sl-kind"
    )
    return element(
        "li",
        particulars.weight(row["significance"]),
        name,
        element("div", *_why(row), _meta(row)),
        element("div", _when(row, versions, clock), reviewing.buttons(mark, clock)),
        attributes=reviewing.named(reviewing.finding_of(row)),
    )


def _why(row: Row) -> list[Html]:
    try:
        facts, spans = data.facts(row.get("lead_facts")), data.spans(row.get("lead_redline"))
    except ValueError:  # one damaged row leaves the others standing
        return [
            element("div", redline.quoting(row["reason"]), css="sl-why"),
            element("div", _DAMAGED, css="sl-muted"),
        ]
    sentence = redline.marked(row["reason"], spans, facts)
    shown = [element("div", sentence or redline.quoting(row["reason"]), css="sl-why")]
    if sentence is None and any(span.op != "same" for span in spans):
        excerpt = redline.excerpt(spans, facts)
        shown.append(element("div", excerpt, css="sl-excerpt", attributes={"dir": "auto"}))
    return shown


def _meta(row: Row) -> Html:
    headline = row["headline"] or row["address"]
    return element(
        "div",
        foreign("bdi", row["outlet"] or ""),
        " · ",
        link(article_address(row["article"]), foreign("bdi", f"“{headline}”")),
        css="sl-meta",
    )


def _when(row: Row, versions: Sequence[Row], clock: Clock) -> Html:
    old, new = row["old_version"], row["new_version"]
    if row["event"]:
        target = link(article_address(row["article"]), "last version")
    else:
        whose = unseen(f" of {row['headline'] or row['address']}")
        target = link(article_address(row["article"], old, new), f"compare {old} → {new}", whose)
    time = between(clock, row["checked_before_at"], row["seen_first_at"])
    if row["captured_by"]:
        time = join([time, element("br"), "captured by ", foreign("bdi", row["captured_by"])])
    return element("div", time, element("br"), target, _spark(versions, new), css="sl-when")


def _spark(versions: Sequence[Row], current: int | None) -> Html:
    """The article's versions on a short line; decoration beside the link that says it."""
    if len(versions) < 2:
        return Html()
    first, last = versions[0]["seen_first_at"], versions[-1]["seen_first_at"]
    span = (last - first).total_seconds() or 1.0
    dots = []
    for row in versions:
        x = 8 + 104 * (row["seen_first_at"] - first).total_seconds() / span
        size = 2 + 4 * (row["significance"] or 0.0)
        css = ' class="n"' if row["version"] == current else ""
        dots.append(f'<circle{css} cx="{x:.1f}" cy="9" r="{size:.1f}"/>')
    style = (
        "circle{fill:#8c867b}.n{fill:#1c1b1a}line{stroke:#cfc9bd}"
        "@media(prefers-color-scheme:dark){circle{fill:#8c867b}.n{fill:#ece7de}line{stroke:#4a443b}}"
    )
    drawing = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="120" height="18"><style>{style}</style>'
        f'<line x1="0" x2="120" y1="9" y2="9"/>{"".join(dots)}</svg>'
    )
    source = "data:image/svg+xml;base64," + base64.b64encode(drawing.encode()).decode()
    return element("img", css="sl-spark", attributes={"src": source, "alt": "", "width": "120"})


# --------------------------------------------------------------------------
# When there is nothing, and what was held back


def _nothing(filters: Filters) -> Html:
    pulse = counts.pulse()
    if filters.group or filters.outlet or filters.words or filters.mark:
        said = "Nothing in the archive matches these filters. "
        return element("p", said, link("/", "Show everything."), css="sl-empty")
    add = link("/watching", "add an address or a feed")
    if not pulse["watching"]:
        return element(
            "p",
            "Nothing is watched yet. To begin, ",
            add,
            "; its articles are read within the minute, and from then on every change shows here.",
            css="sl-empty",
        )
    return element(
        "p",
        f"{counted(pulse['watching'], 'article')} watched, and none has changed yet. Each is "
        "looked at again on its own schedule; what changes shows here without a reload. Meanwhile "
        "you can ",
        add,
        ".",
        css="sl-empty",
    )


def _newsroom() -> None:
    sources = counts.newsroom()
    if not sources:
        return
    with st.container(horizontal=True, vertical_alignment="center", key="newsroom"):
        st.html(
            element(
                "div",
                element("b", "These are practice articles. "),
                "The newsroom is invented and runs on this machine; its stories change on cue, so "
                "that you see at once what Storylapse does. ",
                link("/watching", "Add a real address or feed"),
                " when you are ready.",
                css="sl-banner",
            ),
            width=720,
        )
        st.button("Switch it off", on_click=_switch_off, args=(sources,))


def _marked() -> Html:
    """What people said of all that was found so far, in one line."""
    found = marks.tally()
    if not found:
        return Html()
    said = [link(f"/?mark={mark}&period=any", f"{found[mark]:,} {mark}") for mark in found]
    return element("p", "Marked by people so far: ", join(said, " · "), ".", css="sl-muted")


def _switch_off(sources: list[str]) -> None:
    for address in sources:
        acting.unwatch(address)


def _noise(since: datetime | None) -> None:
    held = ranked.held_back(since)
    if not held:
        return
    line = f"Held back as noise: {', '.join(_held(row) for row in held)} · "
    summary = element("summary", line, element("span", "show them and the rule that held each"))
    rows = [_held_row(row, frame.clock()) for row in ranked.held_rows(since)]
    frame.show(element("details", summary, element("ul", *rows), css="sl-noise"))


def _held(row: Row) -> str:
    said = counted(row["articles"], *_HELD.get(row["rule"], (plain(row["rule"]),)))
    return said if row["times"] == row["articles"] else f"{said} ({row['times']:,} times)"


def _held_row(row: Row, clock: Clock) -> Html:
    rule = _HELD.get(row["rule"], (plain(row["rule"]),))[0]
    address = article_address(row["article"], row["old_version"], row["new_version"])
    return element(
        "li",
        element("b", rule[:1].upper() + rule[1:]),
        f", {row['times']:,} times, last " if row["times"] > 1 else ", ",
        moment(clock, row["seen_at"]),
        ": ",
        row["reason"],
        " ",
        foreign("bdi", row["outlet"] or ""),
        " · ",
        link(address, foreign("bdi", f"“{row['headline'] or 'no headline yet'}”")),
    )
