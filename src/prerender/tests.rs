use super::*;

const ENGLISH: &str = include_str!("../../www/locales/en.json");

#[test]
fn a_template_has_both_wallets_and_every_slot() {
    let templates = english();
    assert!(templates.keys().eq(["accordion", "list", "tabs"].iter()));
    for (layout, html) in &templates {
        for slot in
            ["${merchant}</bdi></p>", "${amount}</p>", "${description}</bdi></p>", "Pay ${amount}<"]
        {
            assert_eq!(html.matches(slot).count(), 1, "{layout} {slot}: {html}");
        }
        assert!(html.contains(r#"action="${hosted_url}""#), "{layout}: {html}");
        assert_eq!(html.matches(r#"type="radio""#).count(), 2, "{layout}: {html}");
        assert_eq!(html.matches(" hidden=").count(), html.matches(r#"class="detail""#).count());
        for absent in ["checked", "selected", "style=", "<!--", "busy", "{wallet}"] {
            assert!(
                !html.replace(r#"data-state="selecting""#, "").contains(absent),
                "{absent}: {html}"
            );
        }
    }
}

#[test]
fn details_are_in_the_rows_or_below_them() {
    let templates = english();
    let count = |layout, text| templates.get(layout).unwrap().matches(text).count();
    assert_eq!(count("accordion", r#"<span hidden="hidden" class="detail">"#), 2);
    assert_eq!(count("tabs", r#"<p data-method="alipay" hidden="hidden" class="detail">"#), 1);
    assert_eq!(count("list", "detail"), 0);
}

#[test]
fn the_direction_is_that_of_the_language() {
    for (lang, dir) in [("en", "ltr"), ("zh-Hant-TW", "ltr"), ("ar", "rtl"), ("he-IL", "rtl")] {
        assert_eq!(direction(lang), dir);
    }
}

fn english() -> BTreeMap<&'static str, String> {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let texts = serde_json::from_str(ENGLISH).unwrap();
    tokio::task::LocalSet::new().block_on(&runtime, templates("en", texts))
}
