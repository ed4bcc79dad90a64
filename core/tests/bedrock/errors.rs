use serde_json::json;
use tidegate::sim::{Answer, Upstream};
use tidegate::{Gateway, Kind, Retry, Sim};

use super::{House, ask, refuses};

#[test]
fn statuses_and_words() {
    let table = [
        (400, "The provided model identifier is invalid.", Kind::NotFound, false),
        (400, "Malformed input request: extraneous key [toolResult] is not permitted", Kind::InvalidRequest, false),
        (400, "The model returned the following errors: Input Tokens Exceeded: too many.", Kind::ContextTooLong, false),
        (403, "The security token included in the request is invalid.", Kind::Unauthenticated, false),
        (
            403,
            "The request signature we calculated does not match the signature you provided.",
            Kind::Unauthenticated,
            false,
        ),
        (403, "You don't have access to the model with the specified model ID.", Kind::PermissionDenied, false),
        (404, "Could not resolve the foundation model", Kind::NotFound, false),
        (408, "Model has timed out in processing the request.", Kind::Timeout, true),
        (424, "The model failed.", Kind::Server, false),
        (429, "Too many requests, please wait before trying again.", Kind::RateLimited, true),
        (429, "Too many tokens per day, please wait before trying again.", Kind::QuotaExhausted, false),
        (500, "The server failed.", Kind::Server, true),
        (503, "Too busy.", Kind::Overloaded, true),
    ];
    for (status, words, kind, again) in table {
        let error = refuses(status, words);
        assert_eq!((error.kind(), error.http_status()), (kind, Some(status)), "{words}");
        assert_eq!(matches!(error.scope(), Retry::After(_)), again, "{words}");
        assert!(error.to_string().contains(words), "{error}");
    }
    let typed = Answer::json(400, &json!({"__type": "com.amazon#ThrottlingException", "Message": "slow down"}));
    let error = House::new(typed).chat(ask()).unwrap_err();
    assert_eq!((error.kind(), error.to_string().ends_with("slow down")), (Kind::RateLimited, true), "{error}");
}

#[test]
fn the_header_names_what_the_body_does_not() {
    let table = [
        ("ThrottlingException", Kind::RateLimited),
        ("AccessDeniedException:http://internal.amazon.com/coral/com.amazon.bedrock/", Kind::PermissionDenied),
        ("SomethingNewException", Kind::InvalidRequest),
    ];
    for (name, kind) in table {
        let answer = Answer::json(400, &json!({"message": "no"})).header("x-amzn-errortype", name);
        assert_eq!(House::new(answer).chat(ask()).unwrap_err().kind(), kind, "{name}");
    }
}

#[test]
fn an_error_holds_neither_key_nor_token() {
    let sim = Sim::new(1);
    let words = "The Canonical String should have been 'host:b.test x-amz-security-token:token-of-mine'. (AKIDOFMINE)";
    sim.on("b.test", Upstream { then: Some(Answer::json(403, &json!({"message": words}))), ..Upstream::default() });
    let keys = json!({"base_url": "http://b.test", "region": "eu-west-1", "access_key_id": "AKIDOFMINE",
        "secret_access_key": "secret-of-mine", "session_token": "token-of-mine"});
    let config = json!({"providers": {"bedrock": keys},
        "routes": {"r": {"targets": ["bedrock/m"], "retry": {"max_attempts": 1}}}});
    let gateway = Gateway::from_value(config).unwrap().with_world(sim.clone());
    let error = format!("{:#}", sim.run(gateway.chat(ask())).unwrap_err());
    assert!(["AKIDOFMINE", "secret-of-mine", "token-of-mine"].iter().all(|secret| !error.contains(secret)), "{error}");
    let sent = &sim.exchanges()[0];
    let authorization = sent.headers["authorization"].to_str().unwrap();
    assert!(authorization.contains("Credential=AKIDOFMINE/"), "{authorization}");
    assert!(
        authorization.contains("SignedHeaders=content-type;host;x-amz-date;x-amz-security-token,"),
        "{authorization}"
    );
}

#[test]
fn each_attempt_is_signed_anew() {
    let sim = Sim::new(1);
    let answers = vec![
        Answer::json(503, &json!({"message": "busy"})).header("retry-after", "9"),
        Answer::json(200, &super::answer(json!([{"text": "ok"}]))),
    ];
    sim.on("b.test", Upstream { requests: answers, ..Upstream::default() });
    let keys =
        json!({"base_url": "http://b.test", "region": "eu-west-1", "access_key_id": "a", "secret_access_key": "s"});
    let config = json!({"providers": {"bedrock": keys}, "routes": {"r": {"targets": ["bedrock/m"]}}});
    let gateway = Gateway::from_value(config).unwrap().with_world(sim.clone());
    assert_eq!(sim.run(gateway.chat(ask())).unwrap().text(), "ok");
    let dates: Vec<_> = sim.exchanges().iter().map(|it| it.headers["x-amz-date"].clone()).collect();
    assert_ne!(dates[0], dates[1]);
}
