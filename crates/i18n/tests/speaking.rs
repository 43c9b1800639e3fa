//! What a page hears from the catalogues.

#![expect(clippy::unwrap_used, reason = "tests")]

use std::sync::{Arc, Mutex};

use countersign_i18n::{Catalogues, Localizer, UtcOffset, parse_accept_language};
use countersign_types::{Span, Text, Timestamp};

fn speak(tag: &str) -> Localizer {
    let catalogues = Catalogues::load().unwrap();
    catalogues.localizer(catalogues.negotiate(&[tag]))
}

#[test]
fn the_language_follows_what_was_asked_for() {
    let catalogues = Catalogues::load().unwrap();
    for (candidates, expected) in [
        (&["ko"][..], "ko"),
        (&["ko-KR"], "ko"),
        (&["KO_kr"], "ko"),
        (&["ko-Kore-KR"], "ko"),
        (&["en-GB"], "en"),
        (&["en-*"], "en"),
        (&["zh"], "zh-Hans"),
        (&["zh-CN"], "zh-Hans"),
        (&["zh_CN"], "zh-Hans"),
        (&["zh-SG"], "zh-Hans"),
        (&["zh-Hans"], "zh-Hans"),
        (&["zh-Hans-CN"], "zh-Hans"),
        (&["zh-hans-cn"], "zh-Hans"),
        (&["zh-TW"], "zh-Hans"),
        (&["zh-TW", "en"], "en"),
        (&["zh-TW", "zh", "en"], "zh-Hans"),
        (&["fr-FR", "ko;q=1", "zh"], "zh-Hans"),
        (&["fr", "de"], "en"),
        (&[], "en"),
        (&["", "*", "und", "x-private", "i-klingon", "한국어", "../ko"], "en"),
        (&["tlh", "ko-KR-u-nu-latn"], "en"),
    ] {
        let localizer = catalogues.localizer(catalogues.negotiate(candidates));
        assert_eq!(localizer.lang(), expected, "{candidates:?}");
    }
    let long = "ko-".repeat(100_000);
    let many = vec!["fr"; 100_000];
    assert_eq!(catalogues.localizer(catalogues.negotiate(&[&long])).lang(), "en");
    assert_eq!(catalogues.localizer(catalogues.negotiate(&many)).lang(), "en");
}

#[test]
fn a_browsers_header_chooses_the_language() {
    let catalogues = Catalogues::load().unwrap();
    let wishes = parse_accept_language("fr-CA,fr;q=0.9,zh-CN;q=0.8,en;q=0.7");
    let wishes: Vec<&str> = wishes.iter().map(String::as_str).collect();
    assert_eq!(catalogues.localizer(catalogues.negotiate(&wishes)).lang(), "zh-Hans");
}

#[test]
fn languages_introduce_themselves_in_their_own_words() {
    let catalogues = Catalogues::load().unwrap();
    let names: Vec<(&str, &str, &str)> = catalogues
        .locales()
        .map(|language| (language.tag.as_str(), language.name.as_str(), language.direction.as_str()))
        .collect();
    assert_eq!(names.first(), Some(&("en", "English", "ltr")));
    assert!(names.contains(&("ko", "한국어", "ltr")));
    assert!(names.contains(&("zh-Hans", "简体中文", "ltr")));
    assert_eq!(speak("ko").name(), "한국어");
    assert_eq!(speak("ko").dir(), "ltr");
    for localizer in ["en", "ko", "zh"].map(speak) {
        assert_eq!(localizer.t("language-name"), localizer.name());
        assert_eq!(localizer.t("language-direction"), localizer.dir());
    }
}

#[test]
fn what_everybody_sees_and_the_console_speak_the_same_language() {
    for localizer in ["en", "ko", "zh"].map(speak) {
        for key in ["action-sign-in", "console-menu"] {
            assert!(localizer.find(key).is_some_and(|words| words != key), "{}: {key}", localizer.lang());
        }
    }
}

#[test]
fn texts_are_translated_and_administrators_words_are_not() {
    let korean = speak("ko");
    assert_eq!(korean.text(&"action-sign-in".into()), "로그인");
    assert_eq!(korean.text(&Text::literal("Welcome, { $you }")), "Welcome, { $you }");
    assert_eq!(
        speak("en").text(&Text::key("error-throttled-text").with("minutes", 1)),
        "Wait a minute, then try again."
    );
    assert_eq!(
        speak("zh").text(&Text::key("error-throttled-text").with("minutes", 15)),
        "请在 15 分钟后重试。"
    );
}

#[test]
fn a_default_title_that_nobody_changed_is_translated() {
    let welcome = Text::literal("Welcome to Countersign");
    assert_eq!(speak("ko").text(&welcome), "Countersign에 오신 것을 환영해요");
    assert_eq!(speak("zh").text(&welcome), "欢迎使用 Countersign");
    assert_eq!(speak("en").text(&welcome), "Welcome to Countersign");
    let consent = Text::template("Continue to %(app)s").with("app", "%(app)s & Co");
    assert_eq!(speak("zh").text(&consent), "继续前往 %(app)s & Co");
    // As blueprints for authentik have it.
    assert_eq!(speak("ko").words("Password (repeat)"), "비밀번호 확인");
}

#[test]
fn an_administrators_own_title_is_not_touched() {
    for title in
        ["Welcome to Acme", "welcome to countersign", "Welcome to Countersign ", "action-sign-in", ""]
    {
        assert_eq!(speak("ko").text(&Text::literal(title)), title);
    }
    let title = Text::template("Off to %(app)s, %(user)s").with("app", "Name");
    assert_eq!(speak("ko").text(&title), "Off to Name, %(user)s");
}

#[test]
fn an_argument_is_never_read_as_a_message() {
    let text = Text::key("error-request-id").with("id", "{ language-name } <b>");
    assert_eq!(speak("en").text(&text), "Request: { language-name } <b>");
}

#[test]
fn a_missing_message_shows_its_key_and_is_reported() {
    let heard = Arc::new(Mutex::new(Vec::new()));
    let ears = Arc::clone(&heard);
    let catalogues = Catalogues::load_reporting(move |missing| {
        ears.lock().unwrap().push(format!("{} {} {:?}", missing.tag, missing.key, missing.reason));
    })
    .unwrap();
    let korean = catalogues.localizer(catalogues.negotiate(&["ko"]));
    assert_eq!(korean.t("nobody-wrote-this"), "nobody-wrote-this");
    assert_eq!(korean.t(""), "");
    korean.t("error-request-id");
    assert_eq!(catalogues.missing_count(), 3);
    assert_eq!(
        *heard.lock().unwrap(),
        ["ko nobody-wrote-this Message", "ko  Message", "ko error-request-id Reference"]
    );
}

#[test]
fn moments_are_told_from_now() {
    let now = Timestamp::from_secs(1_795_328_000);
    let (english, korean, chinese) = (speak("en"), speak("ko"), speak("zh"));
    for (away, en, ko, zh) in [
        (Span::from_secs(-59), "just now", "방금", "刚刚"),
        (Span::from_secs(59), "just now", "방금", "刚刚"),
        (Span::from_mins(-1), "a minute ago", "1분 전", "1 分钟前"),
        (Span::from_mins(-59), "59 minutes ago", "59분 전", "59 分钟前"),
        (Span::from_mins(90), "in an hour", "1시간 뒤", "1 小时后"),
        (Span::from_days(-3), "3 days ago", "3일 전", "3 天前"),
        (Span::from_days(70), "in 2 months", "2개월 뒤", "2 个月后"),
        (Span::from_days(-800), "2 years ago", "2년 전", "2 年前"),
    ] {
        let then = now.plus(away);
        assert_eq!(english.relative(then, now), en);
        assert_eq!(korean.relative(then, now), ko);
        assert_eq!(chinese.relative(then, now), zh);
    }
    assert_eq!(english.moment(now.minus(Span::from_hours(5)), now, UtcOffset::UTC), "5 hours ago");
    assert_eq!(english.moment(now.minus(Span::from_hours(25)), now, UtcOffset::UTC), "21 November 2026");
}

#[test]
fn the_ends_of_time_do_not_panic() {
    let (first, last) = (Timestamp::from_micros(i64::MIN), Timestamp::from_micros(i64::MAX));
    let english = speak("en");
    english.relative(first, last);
    english.relative(last, first);
    for moment in [first, last] {
        for minutes in [-840, 0, 840] {
            english.date_time(moment, UtcOffset::from_minutes(minutes).unwrap());
        }
    }
    assert_eq!(UtcOffset::from_minutes(841), None);
    assert_eq!(UtcOffset::from_minutes(i16::MIN), None);
}

#[test]
fn dates_are_in_the_readers_zone_and_order() {
    let at = Timestamp::from_secs(1_795_327_980);
    let seoul = UtcOffset::from_minutes(540).unwrap();
    let newfoundland = UtcOffset::from_minutes(-210).unwrap();
    assert_eq!(speak("en").date_time(at, UtcOffset::UTC), "22 November 2026, 06:13 UTC");
    assert_eq!(speak("ko").date_time(at, seoul), "2026년 11월 22일 15:13 UTC+09:00");
    assert_eq!(speak("zh").date_time(at, newfoundland), "2026年11月22日 02:43 UTC-03:30");
}

#[test]
fn spans_round_up_so_that_nobody_returns_too_early() {
    let english = speak("en");
    for (span, words) in [
        (Span::ZERO, "0 seconds"),
        (Span::from_secs(-5), "0 seconds"),
        (Span::from_secs(1), "one second"),
        (Span::from_secs(61), "61 seconds"),
        (Span::from_secs(121), "3 minutes"),
        (Span::from_mins(15), "15 minutes"),
        (Span::from_mins(60), "one hour"),
        (Span::from_mins(90), "90 minutes"),
        (Span::from_days(30), "30 days"),
    ] {
        assert_eq!(english.span(span), words);
    }
}
