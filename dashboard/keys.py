"""Single keys: from change to change, and marks on the one that is looked at.

A small script of ours, which holds no word of any outlet: it moves the keyboard's focus between
what our HTML marks as changes, and hands a press on a mark, by key or by pointer, to Python.
Letters can be switched off (WCAG 2.2, 2.1.4): whoever speaks to the computer writes them unasked.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import streamlit as st
from streamlit.components.v2.types import ComponentRenderer

from dashboard.markup import element
from dashboard.reviewing import FINDING, MARK

_SWITCH = "letters"

_SCRIPT = """
const STOPS = '.sl-queue > li, .sl-frame > :has(ins, del), .sl-redline .sl-block:has(ins, del), ' +
  '.sl-redline .sl-block-moved, .sl-side:has(ins, del), .sl-side.sl-block-moved, ' +
  '.sl-changes > li[data-finding]';
const MARKS = {r: 'right', w: 'wrong', i: 'important'};
// Streamlit draws nothing where a mark and a new page reach it at once: the mark goes first.
const AHEAD = 700;
let tell = null, letters = true, last = null, told = -AHEAD;

const stops = () => [...document.querySelectorAll('.stMain :is(' + STOPS + ')')]
  .filter((one) => one.getClientRects().length);
const here = () => document.activeElement?.closest?.(STOPS) ??
  (last?.isConnected ? last : null);
const go = (step) => {
  const all = stops(), place = all.indexOf(here());
  const next = all[place < 0 ? (step > 0 ? 0 : all.length - 1) : place + step];
  if (!next) return;
  next.tabIndex = -1;
  next.focus();
  next.scrollIntoView({block: 'nearest'});
  last = next;
};
const mark = (named, mark) => {
  if (!named || !tell) return;
  for (const one of named.querySelectorAll('[data-mark]')) {
    if (one.closest('[data-finding]') !== named) continue;
    const chosen = one.dataset.mark === mark && one.getAttribute('aria-pressed') !== 'true';
    one.setAttribute('aria-pressed', String(chosen));
  }
  told = performance.now();
  tell('mark', {finding: named.dataset.finding, mark});
};
const pressed = (event) => {
  if (!letters || event.defaultPrevented || event.metaKey || event.ctrlKey || event.altKey ||
      event.target.closest?.('input, textarea, select, [contenteditable="true"]')) return;
  if (event.key === 'j' || event.key === 'k') go(event.key === 'j' ? 1 : -1);
  else if (event.key === 'Enter' && event.target.matches?.(STOPS)) {
    const way = event.target.querySelector('.sl-when a') ?? event.target.querySelector('a');
    setTimeout(() => way?.click(), told + AHEAD - performance.now());
  }
  else if (MARKS[event.key]) {
    const found = here()?.closest('[data-finding]') ??
      document.querySelector('.stMain .sl-verdict[data-finding]');
    mark(found, MARKS[event.key]);
    if (!found) return;
  } else return;
  event.preventDefault();
  event.stopImmediatePropagation();
};
const clicked = (event) => {
  const one = event.target.closest?.('.stHtml [data-mark]');
  if (one) mark(one.closest('[data-finding]'), one.dataset.mark);
};
// Drawing the rows anew takes the focus away: it goes back to the same finding.
const watcher = new MutationObserver(() => {
  if (!last || last.isConnected) return;
  const name = last.dataset.finding;
  const same = name && document.querySelector(`[data-finding="${CSS.escape(name)}"]`);
  if (same && document.activeElement === document.body) {
    same.tabIndex = -1;
    same.focus({preventScroll: true});
  }
  last = same || null;
});
const focused = (event) => { last = event.target.closest?.(STOPS) ?? last; };
export default function ({data, setTriggerValue}) {
  tell = setTriggerValue;
  letters = data.letters;
  addEventListener('keydown', pressed, true);
  document.addEventListener('click', clicked);
  document.addEventListener('focusin', focused);
  watcher.observe(document.body, {childList: true, subtree: true});
  return () => {
    removeEventListener('keydown', pressed, true);
    document.removeEventListener('click', clicked);
    document.removeEventListener('focusin', focused);
    watcher.disconnect();
  };
}
"""


def on() -> bool:
    """Whether single letters do something for this reader."""
    return bool(st.session_state.get(_SWITCH, True))


def switch() -> None:
    """The switch in the side bar, and what the letters do."""
    with st.expander("Keys"):
        st.html(
            element(
                "dl",
                *(
                    part
                    for key, does in _MEANINGS
                    for part in (element("dt", element("kbd", key)), element("dd", does))
                ),
                css="sl-keys",
            )
        )
        st.toggle("Letters do something", value=True, key=_SWITCH)


def listen(take: Callable[[str, str], None]) -> None:
    """Listen from here on; ``take`` gets the name of a finding and the mark pressed on it.

    Belongs in the frame of all pages: what a page holds goes when the page is left, and a mark
    that is under way then would go with it.
    """

    def taken() -> None:
        given = st.session_state[_LISTENER]["mark"] or {}
        take(str(given.get(FINDING, "")), str(given.get(MARK, "")))

    _component()(key=_LISTENER, data={"letters": on()}, height=1, on_mark_change=taken)


_LISTENER = "pressed"
_MEANINGS = (
    ("j", "next change on the page"),
    ("k", "the one before"),
    ("Enter", "open it"),
    ("r", "mark it right"),
    ("w", "mark it wrong"),
    ("i", "mark it important"),
    ("n", "the article’s next version"),
    ("p", "the version before"),
)


@cache
def _component() -> ComponentRenderer:
    return st.components.v2.component("storylapse_keys", js=_SCRIPT)
