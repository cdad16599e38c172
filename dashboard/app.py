"""The dashboard's entry script: navigation and frame, nothing else."""

from __future__ import annotations

import streamlit as st

from dashboard import acting, frame, keys, links, signin
from dashboard.views import alerts, article, articles, exports, outlets, queue, watching

_SHOWN = [
    st.Page(lambda: frame.guarded(queue.page), title="Queue", default=True, url_path="queue"),
    st.Page(lambda: frame.guarded(articles.page), title="Articles", url_path="articles"),
    st.Page(lambda: frame.guarded(outlets.page), title="Outlets", url_path="outlets"),
    st.Page(lambda: frame.guarded(watching.page), title="Watching", url_path="watching"),
    st.Page(lambda: frame.guarded(alerts.page), title="Alerts", url_path="alerts"),
    st.Page(lambda: frame.guarded(exports.page), title="Exports", url_path="exports"),
]
_LINKED = st.Page(
    lambda: frame.guarded(article.page), title="Article", url_path="article", visibility="hidden"
)

frame.dress()
page = st.navigation([*_SHOWN, _LINKED], position="hidden")
frame.let_in()
with st.sidebar:
    frame.brand()
    for shown in _SHOWN:
        st.page_link(shown, label=shown.title, width="stretch")
    frame.pulse()
    keys.switch()
    signin.who()
    links.follow()
    keys.listen(acting.pressed)
frame.open_door()
frame.troubles()
page.run()
