//! Headings and lines of text.

use checkout::Notice;
use yew::prelude::*;

use crate::texts::use_texts;
use crate::view::messages::notice_key;

#[derive(PartialEq, Properties)]
pub(crate) struct HeadingProps {
    pub(crate) text: AttrValue,
    /// A mark before the text.
    #[prop_or_default]
    pub(crate) children: Html,
}

/// Draws a screen's heading, which gets the focus when the screen replaces another.
#[component]
pub(crate) fn Heading(props: &HeadingProps) -> Html {
    html! {
        <h2 part="heading" class="heading" tabindex="-1" data-heading="">
            { props.children.clone() }
            { &props.text }
        </h2>
    }
}

#[derive(PartialEq, Properties)]
pub(crate) struct TextProps {
    pub(crate) text: AttrValue,
}

/// Draws a paragraph.
#[component]
pub(crate) fn Paragraph(props: &TextProps) -> Html {
    html! { <p class="text">{ &props.text }</p> }
}

/// Draws a highlighted line.
#[component]
pub(crate) fn Hint(props: &TextProps) -> Html {
    html! { <p part="notice" class="notice">{ &props.text }</p> }
}

#[derive(PartialEq, Properties)]
pub(crate) struct NoticeLineProps {
    pub(crate) notice: Option<Notice>,
}

/// Draws what the shopper should know, beside what the screen says anyway.
#[component]
pub(crate) fn NoticeLine(props: &NoticeLineProps) -> Html {
    let texts = use_texts();
    match props.notice {
        // The banner says it already.
        Some(Notice::ConnectionLost) | None => Html::default(),
        Some(notice) => html! { <Hint text={texts.get(notice_key(notice))} /> },
    }
}
