"""Links of ours followed inside the page: no reload, and everything still works without.

Our HTML holds plain links, so that they can be copied, opened in another tab and read by
machines. This small script of ours, which holds no word of any outlet, hands a plain press to
Streamlit's own navigation (it listens to the browser's history).
"""

from __future__ import annotations

from functools import cache

import streamlit as st
from streamlit.components.v2.types import ComponentRenderer

_SCRIPT = """
const follow = (event) => {
  if (event.defaultPrevented || event.button || event.metaKey || event.ctrlKey ||
      event.shiftKey || event.altKey || !(event.target instanceof Element)) return;
  const link = event.target.closest('.stHtml a[href^="/"]');
  if (!link || /^\\/(feeds|api)\\//.test(link.getAttribute('href'))) return;
  event.preventDefault();
  const address = link.getAttribute('href');
  const elsewhere = new URL(address, location.href).pathname !== location.pathname;
  history.pushState({}, '', address);
  window.dispatchEvent(new PopStateEvent('popstate'));
  if (elsewhere) document.querySelector('.stMain')?.scrollTo(0, 0);
};
export default function () {
  document.addEventListener('click', follow);
  return () => document.removeEventListener('click', follow);
}
"""


def follow() -> None:
    """Follow links inside the page from here on."""
    _component()(key="links", height=1)


@cache
def _component() -> ComponentRenderer:
    return st.components.v2.component("storylapse_links", js=_SCRIPT)
