# ruff: noqa: E501 - a page is easier to read on one line, and outlets write in many scripts
"""The same story in the clothes of many systems and scripts: all of it is read, and nothing else.

A shape is a page's markup with places for what an outlet wrote: {title}, {lead} (the standfirst),
{text} (paragraphs), {note} (a correction), {caption}. Shapes are written after what content
systems produce, with invented words; every shape carries furniture that must not come in.
"""

import re

import pytest

from crawler.extract import read_page
from crawler.layout import Layouts
from store.model import BlockKind, NoteKind

URL = "https://post.example/2026/11/pier-sold"

STORIES = {
    "en": {
        "title": "Council sells the old pier after nine years of dispute",
        "lead": "The town parts with its landmark, and nobody knows who will pay for the piles.",
        "text": [
            "The council voted on Monday night to sell the old pier to a private company, ending a dispute that had lasted for nine years.",
            "Ada Winter, who leads the council, said the price of 4.2 million crowns was “fair to the town and to those who walk there”.",
            "Opponents had gathered 11,000 signatures against the sale. They fear that the pier will be closed in winter.",
            "The buyer, Nordlys Holding, promised to keep the pier open all year and to repair its piles before the summer.",
            "A court will still have to look at a complaint by two shop owners, whose leases end in March.",
        ],
        "note": "Correction: An earlier version of this article said the price was 2.4 million crowns. It is 4.2 million crowns.",
        "caption": "The old pier on the evening of the vote, with the ferry behind it",
        "teaser": "Ferry to run at night again",
        "more": "More stories",
    },
    "de": {
        "title": "Rat verkauft die alte Seebrücke nach neun Jahren Streit",
        "lead": "Die Stadt trennt sich von ihrem Wahrzeichen, und niemand weiß, wer die Pfähle bezahlt.",
        "text": [
            "Der Rat der Stadt hat am Montagabend beschlossen, die alte Seebrücke an ein Unternehmen zu verkaufen. Damit endet ein Streit von neun Jahren.",
            "Bürgermeisterin Ada Winter nannte den Preis von 4,2 Millionen Euro „gerecht gegenüber der Stadt und allen, die dort spazieren gehen“.",
            "Die Gegner hatten 11.000 Unterschriften gesammelt. Sie fürchten, dass die Brücke im Winter geschlossen wird.",
            "Die Käuferin verspricht, die Brücke das ganze Jahr offen zu halten und die Pfähle vor dem Sommer zu erneuern.",
        ],
        "note": "Korrektur: In einer früheren Fassung dieses Artikels stand, der Preis betrage 2,4 Millionen Euro. Richtig sind 4,2 Millionen Euro.",
        "caption": "Die alte Seebrücke am Abend der Abstimmung, dahinter die Fähre",
        "teaser": "Die Fähre fährt wieder nachts",
        "more": "Weitere Meldungen",
    },
    "ar": {
        "title": "المجلس يبيع الرصيف القديم بعد خلاف دام تسع سنوات",
        "lead": "المدينة تتخلى عن أشهر معالمها ولا أحد يعرف من سيدفع ثمن إصلاح الأعمدة.",
        "text": [
            "صوّت مجلس المدينة مساء الاثنين على بيع الرصيف القديم لشركة خاصة، منهيا بذلك خلافا استمر تسع سنوات بين السكان والإدارة المحلية.",
            "وقالت رئيسة المجلس إن السعر البالغ 42 مليون جنيه عادل للمدينة ولكل من يتنزه هناك كل يوم مع أسرته وأصدقائه.",
            "وكان المعارضون قد جمعوا أحد عشر ألف توقيع ضد البيع، وهم يخشون أن يغلق الرصيف في فصل الشتاء كما أغلق المسبح.",
            "ووعدت الشركة بإبقاء الرصيف مفتوحا طوال العام وبإصلاح أعمدته قبل حلول الصيف المقبل على نفقتها الخاصة.",
        ],
        "note": "تصحيح: ذكرت نسخة سابقة من هذا المقال أن السعر 24 مليون جنيه، والصحيح أنه 42 مليون جنيه.",
        "caption": "الرصيف القديم مساء يوم التصويت وخلفه العبّارة المتجهة إلى الجزيرة",
        "teaser": "العبّارة تعود إلى العمل ليلا",
        "more": "المزيد من الأخبار",
    },
    "he": {
        "title": "המועצה מוכרת את המזח הישן אחרי תשע שנות מחלוקת",
        "lead": "העיר נפרדת מאחד מסמליה המוכרים ביותר, ואיש אינו יודע מי ישלם על תיקון העמודים.",
        "text": [
            "מועצת העיר הצביעה ביום שני בערב בעד מכירת המזח הישן לחברה פרטית, ובכך הסתיימה מחלוקת שנמשכה תשע שנים בין התושבים לעירייה.",
            "ראשת המועצה אמרה שהמחיר, 42 מיליון שקלים, הוגן כלפי העיר וכלפי כל מי שמטייל שם בכל יום עם בני משפחתו.",
            "המתנגדים אספו אחד עשר אלף חתימות נגד המכירה. הם חוששים שהמזח ייסגר בחורף, כפי שנסגרה בריכת השחייה העירונית.",
            "החברה הבטיחה להשאיר את המזח פתוח כל השנה ולתקן את העמודים לפני תחילת הקיץ הבא על חשבונה.",
        ],
        "note": "תיקון: בגרסה קודמת של הכתבה נכתב שהמחיר הוא 24 מיליון שקלים. המחיר הנכון הוא 42 מיליון שקלים.",
        "caption": "המזח הישן בערב ההצבעה, ומאחוריו המעבורת בדרכה אל האי",
        "teaser": "המעבורת חוזרת לפעול בלילה",
        "more": "עוד חדשות",
    },
    "ja": {
        "title": "市議会、老朽化した桟橋の売却を決定 九年の議論に区切り",
        "lead": "町の名所が民間の手に渡ることになった。くいの修理費を誰が負担するかは決まっていない。",
        "text": [
            "市議会は月曜日の夜、老朽化した桟橋を民間企業に売却する議案を賛成多数で可決した。九年にわたる議論に区切りがついた。",
            "冬木議長は、売却額の42億円について「町にとっても、毎日散歩する人たちにとっても公平な額だ」と述べた。",
            "反対する住民は一万一千人分の署名を集めていた。市民プールと同じように、冬の間は閉鎖されるのではないかと心配している。",
            "買い取る企業は、一年を通して桟橋を開放し、来年の夏までにくいを修理すると約束した。",
        ],
        "note": "【訂正】当初の記事で売却額を「24億円」としていましたが、正しくは42億円でした。おわびして訂正します。",
        "caption": "採決があった日の夕方の桟橋。奥は島へ向かうフェリー",
        "teaser": "フェリーの夜間運航が再開",
        "more": "関連記事",
    },
    "zh": {
        "title": "议会决定出售旧码头 九年争议告一段落",
        "lead": "小城告别自己的地标，桥桩的修缮费用由谁承担仍无定论。",
        "text": [
            "市议会星期一晚上表决通过，将旧码头出售给一家私营公司，持续九年的争议由此告一段落。",
            "议长温特表示，四千二百万元的价格“对全城居民、对每天在那里散步的人都是公平的”。",
            "反对者此前征集了一万一千个签名。他们担心码头会像游泳馆那样在冬季关闭。",
            "买方承诺全年开放码头，并在明年夏天之前完成桥桩的修缮工作，费用由公司自行承担。",
        ],
        "note": "更正：本文早前版本称售价为二千四百万元，正确数字应为四千二百万元，特此更正。",
        "caption": "表决当晚的旧码头，远处是开往小岛的渡轮",
        "teaser": "渡轮恢复夜间航班",
        "more": "相关新闻",
    },
    "ko": {
        "title": "시의회, 9년 논란 끝에 옛 부두 매각 결정",
        "lead": "도시의 상징이 민간에 넘어가지만 말뚝 수리비를 누가 낼지는 정해지지 않았다.",
        "text": [
            "시의회는 월요일 저녁 옛 부두를 민간 기업에 매각하는 안건을 의결했다. 이로써 9년 동안 이어진 논란이 마무리됐다.",
            "윈터 의장은 매각 대금 420억 원이 시민과 매일 그곳을 산책하는 사람들 모두에게 공정한 금액이라고 말했다.",
            "반대 주민들은 1만 1천 명의 서명을 모았다. 이들은 수영장처럼 부두도 겨울에 문을 닫을 것을 걱정한다.",
            "인수 기업은 부두를 일 년 내내 개방하고 내년 여름이 오기 전까지 말뚝을 수리하겠다고 약속했다.",
        ],
        "note": "[정정] 이 기사의 이전 판에서 매각 대금을 240억 원이라고 썼으나 420억 원이 맞습니다. 바로잡습니다.",
        "caption": "표결이 있던 날 저녁의 옛 부두와 섬으로 향하는 여객선",
        "teaser": "여객선 야간 운항 재개",
        "more": "관련 기사",
    },
    "ru": {
        "title": "Совет продал старый причал после девяти лет споров",
        "lead": "Город расстаётся со своим символом, и никто не знает, кто заплатит за ремонт свай.",
        "text": [
            "Городской совет в понедельник вечером проголосовал за продажу старого причала частной компании. Так закончился спор, который длился девять лет.",
            "Председатель совета Ада Винтер назвала цену в 42 миллиона рублей справедливой для города и для тех, кто гуляет там каждый день.",
            "Противники собрали одиннадцать тысяч подписей. Они боятся, что зимой причал закроют, как закрыли бассейн.",
            "Покупатель обещает держать причал открытым круглый год и до лета отремонтировать сваи за свой счёт.",
        ],
        "note": "Исправление: в предыдущей версии статьи говорилось, что цена составила 24 миллиона рублей. Верно: 42 миллиона рублей.",
        "caption": "Старый причал вечером в день голосования, за ним паром на остров",
        "teaser": "Паром снова ходит ночью",
        "more": "Другие новости",
    },
    "hi": {
        "title": "नौ साल के विवाद के बाद परिषद ने पुराना घाट बेचा",
        "lead": "शहर अपनी पहचान से अलग हो रहा है और कोई नहीं जानता कि खंभों की मरम्मत का खर्च कौन उठाएगा।",
        "text": [
            "नगर परिषद ने सोमवार रात पुराने घाट को एक निजी कंपनी को बेचने का प्रस्ताव पारित कर दिया। इसके साथ नौ साल से चला आ रहा विवाद समाप्त हो गया।",
            "परिषद की अध्यक्ष ने कहा कि 42 करोड़ रुपये की कीमत शहर और वहां रोज टहलने वाले सभी लोगों के लिए उचित है।",
            "विरोधियों ने ग्यारह हजार हस्ताक्षर जुटाए थे। उन्हें डर है कि सर्दियों में घाट बंद कर दिया जाएगा।",
            "कंपनी ने वादा किया है कि घाट पूरे साल खुला रहेगा और अगली गर्मियों से पहले खंभों की मरम्मत कर दी जाएगी।",
        ],
        "note": "सुधार: इस लेख के पिछले संस्करण में कीमत 24 करोड़ रुपये बताई गई थी। सही कीमत 42 करोड़ रुपये है।",
        "caption": "मतदान की शाम पुराना घाट और पीछे द्वीप की ओर जाती नाव",
        "teaser": "रात की नाव सेवा फिर शुरू",
        "more": "और खबरें",
    },
    "fr": {
        "title": "Le conseil vend la vieille jetée après neuf ans de querelle",
        "lead": "La ville se sépare de son emblème, et personne ne sait qui paiera la réparation des pieux.",
        "text": [
            "Le conseil municipal a décidé lundi soir de vendre la vieille jetée à une société privée, ce qui met fin à une querelle de neuf ans.",
            "Ada Winter, qui préside le conseil, a jugé le prix de 4,2 millions d’euros « juste pour la ville et pour ceux qui s’y promènent ».",
            "Les opposants avaient réuni 11 000 signatures. Ils craignent que la jetée ne soit fermée en hiver, comme la piscine.",
            "L’acheteur promet de laisser la jetée ouverte toute l’année et de réparer les pieux avant l’été prochain.",
        ],
        "note": "Rectificatif : une version précédente de cet article indiquait un prix de 2,4 millions d’euros. Il est de 4,2 millions d’euros.",
        "caption": "La vieille jetée le soir du vote, avec le bac derrière elle",
        "teaser": "Le bac circule de nouveau la nuit",
        "more": "Autres articles",
    },
}

META = '<meta property="og:title" content="You will not believe what became of the pier"><meta name="description" content="{lead}">'


def ps(pattern="<p>{}</p>", between=""):
    """A marker for the text: how each paragraph is marked up."""
    return f"[[{pattern}||{between}]]"


NAV = '<div class="menu"><a href="/">Home</a> <a href="/w">World</a> <a href="/s">Sport</a></div>'
BAR = '<div class="share-bar"><a href="#">Facebook</a> <a href="#">WhatsApp</a></div>'
MORE = '<div class="more-stories"><h3>{more}</h3><ul><li><a href="/a">{teaser}</a></li><li><a href="/b">{teaser} 2</a></li></ul></div>'
RAIL = (
    "<div class='col2'>"
    + "".join(
        f'<div class="puff"><h4><a href="/r{n}">{{teaser}} {n}</a></h4><p>{{teaser}}, {{teaser}}, {n}.</p></div>'
        for n in range(12)
    )
    + "</div>"
)
PAGE = (
    '<!DOCTYPE html><html lang="{lang}"{rtl}><head><meta charset="utf-8"><title>{title} | The Post</title>'
    + META
    + "</head><body>%s</body></html>"
)

# name: (markup, whether the page sets the standfirst apart, whether it holds the caption)
SHAPES = {
    "WordPress": (NAV + '<main><article class="post"><header class="entry-header"><h1 class="entry-title">{title}</h1><p class="entry-subtitle">{lead}</p></header>' + BAR + '<div class="entry-content"><figure class="wp-block-image"><img src="/a.jpg"><figcaption class="wp-element-caption">{caption}</figcaption></figure>' + ps() + '<p><em>{note}</em></p></div></article></main>' + MORE, True, True),
    "WordPress, classic caption": (NAV + '<div id="content"><div class="post hentry"><h1>{title}</h1><div class="entry"><div id="attachment_7" class="wp-caption alignright"><a href="/wp-content/uploads/a.jpg"><img src="/a.jpg"></a><p class="wp-caption-text">{caption}</p></div>' + ps() + "<p>{note}</p></div></div></div>" + MORE, None, True),
    "WordPress blocks": (NAV + '<article><h1 class="wp-block-post-title">{title}</h1><h2 class="wp-block-heading subtitle">{lead}</h2><div class="wp-block-post-content">' + ps('<p class="wp-block-paragraph">{}</p>', '<div class="wp-block-newsletter"><p>Sign up for our newsletter today.</p></div>') + '<p class="has-small-font-size">{note}</p></div></article>' + MORE, True, False),
    "Arc": (NAV + '<div id="fusion-app"><main><h1 class="b-headline">{title}</h1><h2 class="b-subheadline">{lead}</h2><div class="c-leadart"><figure class="a-media"><img><figcaption class="a-media__caption"><span class="a-caption">{caption}</span> <span class="a-credit">(Ida Holm)</span></figcaption></figure></div><article class="b-article-body">' + ps('<p class="c-paragraph">{}</p>', '<div class="c-ad"></div>') + '<p class="c-paragraph"><i>{note}</i></p></article></main></div>' + RAIL, True, True),
    "Drupal": (NAV + '<article class="node node--type-article"><h1><span class="field--name-title">{title}</span></h1><div class="field field--name-field-dek">{lead}</div><div class="field field--name-body">' + ps() + '</div><div class="field field--name-field-correction"><p>{note}</p></div></article>' + MORE, True, False),
    "Ghost": (NAV + '<article class="article post"><header class="article-header"><h1 class="article-title">{title}</h1><p class="article-excerpt">{lead}</p><figure class="article-image"><img><figcaption>{caption}</figcaption></figure></header><section class="gh-content">' + ps() + '<div class="kg-card kg-callout-card"><div class="kg-callout-text">{note}</div></div></section></article>' + MORE, True, True),
    "Substack": (NAV + '<article><div class="post-header"><h1 class="post-title">{title}</h1><h3 class="subtitle">{lead}</h3></div><div class="available-content"><div class="body markup">' + ps() + "<p><strong>{note}</strong></p></div></div></article>" + MORE, True, False),
    "Medium": ('<article><section><h1 class="pw-post-title">{title}</h1><h2 class="pw-subtitle-paragraph">{lead}</h2>' + ps('<p class="pw-post-body-paragraph ab cd">{}</p>') + "<p>{note}</p></section></article>" + MORE, True, False),
    "Guardian-like": ('<main data-layout="StandardLayout"><article><div data-gu-name="headline"><h1 class="dcr-1w">{title}</h1></div><div data-gu-name="standfirst"><div class="dcr-9z"><p>{lead}</p></div></div><div data-gu-name="media"><figure><picture><img></picture><figcaption class="dcr-5c"><span class="dcr-h">{caption}</span> Photograph: Ida Holm/The Post</figcaption></figure></div><div data-gu-name="body"><div class="article-body dcr-3">' + ps('<p class="dcr-1k">{}</p>') + '<p class="dcr-1k"><em>{note}</em></p></div></div></article></main>' + MORE, True, True),
    "Times-like": ('<article id="story"><header><h1 id="link-5" class="css-1v">{title}</h1><p id="article-summary" class="css-1n">{lead}</p></header><section name="articleBody">' + ps('<div class="css-s"><p class="css-at">{}</p></div>') + '</section><div class="bottom-of-article"><p class="css-14">{note}</p></div></article>' + MORE, True, False),
    "BBC-like": (NAV + '<main><article><div data-component="headline-block"><h1>{title}</h1></div><div data-component="image-block"><figure><img><span class="sr-only">Image source, The Post</span><figcaption data-testid="caption-block-text"><span class="visually-hidden">Image caption, </span><p>{caption}</p></figcaption></figure></div>' + ps('<div data-component="text-block"><p class="ssrcss-1">{}</p></div>') + '<div data-component="text-block"><p><i>{note}</i></p></div></article></main>' + RAIL, None, True),
    "microdata": ('<div itemscope itemtype="https://schema.org/NewsArticle"><h1 itemprop="headline">{title}</h1><p itemprop="description">{lead}</p><div itemprop="articleBody">' + ps() + "<p>{note}</p></div></div>" + MORE, True, False),
    "AMP": ('<amp-sidebar id="side"><ul><li><a href="/">Home</a></li></ul></amp-sidebar><article><h1 class="amp-title">{title}</h1><p class="amp-standfirst">{lead}</p><figure><amp-img src="/a.jpg"></amp-img><figcaption>{caption}</figcaption></figure><div class="amp-content">' + ps("<p>{}</p>", "<amp-ad></amp-ad>") + "<p>{note}</p></div></article>" + MORE, True, True),
    "Next.js": ('<div id="__next"><main class="Layout_main__x1"><h1 class="Article_title__a9">{title}</h1><p class="Article_standfirst__b8">{lead}</p><div class="Article_body__c7">' + ps('<p class="Text_p__d6">{}</p>') + '<div class="Article_correction__e5">{note}</div></div></main>' + RAIL + "</div>", True, False),
    "hashed": ('<div class="sc-aXZVg"><div class="sc-gEvEer"><h1 class="sc-eqUAAy">{title}</h1><div class="sc-fqkvVR">' + ps('<div class="sc-dcJsrY"><span>{}</span></div>') + '<div class="sc-dcJsrY"><span>{note}</span></div></div></div></div>' + RAIL, None, False),
    "CNN-like": ('<main class="article__main"><h1 class="headline__text" data-editable="headlineText">{title}</h1><div class="article__content">' + ps('<p class="paragraph inline-placeholder" data-editable="text">{}</p>') + '<div class="image"><div class="image__container"><picture><img></picture></div><div class="image__metadata"><div class="image__caption"><span data-editable="metaCaption">{caption}</span></div><figcaption class="image__credit">Ida Holm/AP</figcaption></div></div><p class="paragraph">Nordlys said it would wait for the court before it starts any work on the piles.</p><div class="editor-note-elevate"><p>{note}</p></div></div></main>' + RAIL, None, True),
    "Politico-like": ('<section class="container--story-layout"><h1 class="headline">{title}</h1><p class="dek">{lead}</p><div class="story-text">' + ps('<p class="story-text__paragraph">{}</p>') + '<p class="story-text__paragraph"><i>{note}</i></p></div></section>' + MORE, True, False),
    "Spiegel-like": ('<main><article><header data-area="intro"><span class="block">Pier</span><h2 class="leading-none"><span class="align-middle">{title}</span></h2><div class="RichText RichText--sans leading-loose">{lead}</div></header><section data-area="body"><div class="RichText">' + ps() + "</div><div class='RichText'><p>{note}</p></div></section></article></main>" + MORE, None, False),
    "El País-like": ('<article><header class="a_e"><h1 class="a_t">{title}</h1><h2 class="a_st">{lead}</h2><figure class="a_m"><img><figcaption class="a_m_p"><span>{caption}</span><span class="a_m_m">Ida Holm</span></figcaption></figure></header><div class="a_c clearfix" data-dtm-region="articulo_cuerpo">' + ps() + '<section class="a_fe">{note}</section></div></article>' + MORE, True, None),
    "Le Monde-like": ('<article class="article"><header><h1 class="article__title">{title}</h1><p class="article__desc chapo">{lead}</p></header><section class="article__content">' + ps('<p class="article__paragraph">{}</p>') + '<p class="article__status">{note}</p></section></article>' + MORE, True, False),
    "Naver-like": ('<div class="newsct"><div class="media_end_head"><h2 id="title_area" class="media_end_head_headline"><span>{title}</span></h2></div><div id="contents"><article id="dic_area"><span class="end_photo_org"><img><em class="img_desc">{caption}</em></span>' + ps("{}", "<br><br>") + "<br><br>{note}</article></div></div>" + MORE, None, None),
    "Yahoo Japan-like": ('<main><article id="uamods"><header><h1>{title}</h1></header><div class="article_body"><div><p class="sc-54">' + ps("{}", "<br><br>") + "<br><br>{note}</p></div></div></article></main>" + MORE, None, False),
    "Sina-like": ('<div class="main-content"><h1 class="main-title">{title}</h1><div class="top-bar"><span class="date">2026-11-16 21:05</span></div><div class="article" id="artibody"><div class="img_wrapper"><img><span class="img_descr">{caption}</span></div>' + ps("<p>　　{}</p>") + "<p>　　{note}</p></div></div>" + MORE, None, None),
    "old table": ("<table width=980><tr><td width=160>" + NAV + "</td><td><h1>{title}</h1>" + ps() + "<p>{note}</p></td><td width=200>" + MORE + "</td></tr></table>", None, False),
    "old font tags": ("<center><table><tr><td><font size=5><b><h1>{title}</h1></b></font><font size=2>" + ps("<font face=Verdana>{}</font>", "<br><br>") + "<br><br><i>{note}</i></font></td></tr></table></center>" + MORE, None, False),
    "open paragraphs": (NAV + "<h1>{title}</h1><div class=content>" + ps("<P ALIGN=justify>{}") + "<P><I>{note}</I></div>" + MORE, None, False),
    "line breaks": (NAV + '<div id=story><h1>{title}</h1><div class="txt">' + ps("{}", "<br /><br />") + "<br /><br />{note}</div></div>" + MORE, None, False),
    "spans": (NAV + "<article><h1>{title}</h1><div>" + ps("<span style='display:block'>{}</span>", "<br><br>") + "<br><br><span>{note}</span></div></article>" + MORE, None, False),
    "own elements": ("<post-page><post-article><h1>{title}</h1><post-standfirst>{lead}</post-standfirst><article-body>" + ps() + "<correction-note><p>{note}</p></correction-note></article-body></post-article></post-page>" + MORE, None, False),
    "sections": (NAV + "<main><section><h1>{title}</h1></section>" + ps("<section><div><p>{}</p></div></section>", '<section class="ad-slot"><p>Advertisement</p></section>') + "<section><p>{note}</p></section></main>" + MORE, None, False),
    "misleading names": ('<body class="has-sidebar newsletter-open"><div class="page-sidebar-right related-on"><h1>{title}</h1><div class="paywall-off share-enabled">' + ps() + "<p>{note}</p></div></div>" + MORE, None, False),
    "note in an aside": (NAV + "<article><h1>{title}</h1><div>" + ps() + "</div><aside><p>{note}</p></aside></article>" + MORE, None, False),
    "note in a footer": (NAV + "<article><h1>{title}</h1><div>" + ps() + '</div><footer class="article-footer"><p>{note}</p></footer></article>' + MORE, None, False),
    "note in the meta line": (NAV + "<article><h1>{title}</h1><div>" + ps() + '</div><div class="entry-meta post-tags"><p>{note}</p></div></article>' + MORE, None, False),
    "note in details": (NAV + "<article><h1>{title}</h1><div>" + ps() + "</div><details open><summary>{note}</summary></details></article>" + MORE, None, False),
    "note in a definition list": (NAV + "<article><h1>{title}</h1><div>" + ps() + "</div><dl class='corrections'><dd>{note}</dd></dl></article>" + MORE, None, False),
    "note in a table": (NAV + "<article><h1>{title}</h1><div>" + ps() + "</div><table class='info'><tr><td>{note}</td></tr></table></article>" + MORE, None, False),
    "note in a blockquote": (NAV + "<article><h1>{title}</h1><div>" + ps() + "<blockquote>{note}</blockquote></div></article>" + MORE, None, False),
    "infinite scroll": (NAV + '<main><article><h1>{title}</h1><p class="standfirst">{lead}</p><div class="body">' + ps() + "<p>{note}</p></div></article><article><h2>{teaser}</h2><div class='body'><p>{teaser}: {teaser}.</p><p>{teaser} 2: {teaser}.</p></div></article></main>", True, False),
    "a stream under a section's name": (NAV + "<main><section class='hero'><h1>Nyheter</h1></section><article><h2>{title}</h2><div class='body'>" + ps() + "<p>{note}</p></div></article><article><h2>{teaser}</h2><p>{teaser}, {teaser}.</p></article></main>", None, False),
    "gallery of related stories": (NAV + "<article><h1>{title}</h1><div class='body'>" + ps() + "<p>{note}</p></div><div class='strip'>" + "".join(f"<figure><a href='/g{n}'><img></a><figcaption><a href='/g{n}'>{{teaser}} {n}</a></figcaption></figure>" for n in range(6)) + "</div></article>", None, False),
    "lazy pictures twice": (NAV + "<article><h1>{title}</h1><div class='body'><figure><img class='lazy' data-src='/a.jpg'><noscript><img src='/a.jpg'></noscript><figcaption>{caption}</figcaption></figure><div class='lightbox' hidden><figure><img><figcaption>{caption}</figcaption></figure></div>" + ps() + "<figure class='mobile-only'><img><figcaption>{caption}</figcaption></figure><p>{note}</p></div></article>" + MORE, None, True),
    "rail longer than the text": (RAIL + "<div class='col1'><h1>{title}</h1><div class='t'>" + ps("<p class='z'><font>{}</font></p>") + "<p>{note}</p></div></div>" + RAIL, None, False),
    "live report": (NAV + '<main class="live-blog"><h1>{title}</h1><p class="standfirst">{lead}</p><div class="posts">' + ps('<article class="post"><a href="#p">21:05</a><p>{}</p></article>') + '<article class="post"><a href="#q">20:10</a><p>{note}</p></article></div></main>' + MORE, True, False),
    "comments as long as the text": (NAV + '<article><h1>{title}</h1><div class="body">' + ps() + '<p>{note}</p></div></article><section id="comments" class="comments"><ol>' + "".join(f'<li class="comment"><b class="fn">Olav {n}</b><div class="comment-content"><p>{{teaser}}, {{teaser}}. {{note}} {n}</p></div></li>' for n in range(20)) + "</ol></section>", None, False),
}  # fmt: skip


def drawn(name, lang):
    """A shape filled with a story; what must be in its blocks, in order."""
    story = STORIES[lang]
    markup, _, _ = SHAPES[name]

    def paragraphs(match):
        return match[2].join(match[1].replace("{}", text) for text in story["text"])

    markup = re.sub(r"\[\[(.*?)\|\|(.*?)\]\]", paragraphs, PAGE % markup, flags=re.DOTALL)
    fields = {name: value for name, value in story.items() if isinstance(value, str)}
    rtl = " dir=rtl" if lang in ("ar", "he") else ""
    for field, value in {**fields, "lang": lang, "rtl": rtl}.items():
        markup = markup.replace(f"{{{field}}}", value)
    return markup


def read(html):
    """The generic reader's document, without the layouts of outlets."""
    return read_page(html, URL, layouts=Layouts())


@pytest.mark.parametrize("lang", STORIES)
@pytest.mark.parametrize("name", SHAPES)
def test_a_story_is_read_whole_and_alone_in_every_shape(name, lang):
    story, (_, apart, captioned) = STORIES[lang], SHAPES[name]
    document = read(drawn(name, lang))
    blocks = [b.text for b in document.blocks if b.kind is not BlockKind.CAPTION]
    captions = [b.text for b in document.blocks if b.kind is BlockKind.CAPTION]
    assert document.headline == story["title"]
    extra = [story["lead"]] if "{lead}" in SHAPES[name][0] else []
    own = [one for one in blocks if one in {*extra, *story["text"], story["note"]}]
    assert own == [*extra, *story["text"], story["note"]]
    assert not [one for one in blocks if story["teaser"] in one or one == story["more"]]
    assert [note.kind for note in document.notes] == [NoteKind.CORRECTION]
    assert document.standfirst == (story["lead"] if apart else None)
    if captioned is not None:
        assert captions == [story["caption"]] * captioned
