//! Objects of the host inside expressions.

use countersign_expr::{Limits, Value};

use crate::house::{Shared, evaluate_in, raised, value};

#[test]
fn a_plan_is_written_to_through_its_object() {
    let diary = Shared::default();
    let source = "found = ak_user_by(username=\"ada\")\nif not found:\n    return False\n\
                  context[\"flow_plan\"].context[\"pending_user\"] = found\n\
                  return context[\"flow_plan\"].context[\"pending_user\"].username";
    let outcome = evaluate_in(&diary, source, Limits::default()).unwrap();
    assert_eq!(outcome.value, Value::from("ada"));
    let pending = diary.lock().unwrap().pending.clone().unwrap();
    assert_eq!(pending.as_object().unwrap().identity().as_deref(), Some("ada"));
}

#[test]
fn an_object_answers_whether_it_contains() {
    let source = "plan = request.context[\"flow_plan\"]\nbefore = \"pending_user\" in plan.context\n\
                  plan.context.pending = user\nreturn [before, \"pending_user\" in plan.context, \"x\" not in plan.context]";
    assert_eq!(value(source), Value::list([false.into(), true.into(), true.into()]));
}

#[test]
fn two_people_are_not_equal_and_one_is() {
    assert_eq!(value("return request.user == user"), Value::Bool(true));
    assert_eq!(value("return context[\"flow_plan\"] == request"), Value::Bool(false));
    assert_eq!(value("g = user.groups.all()\nreturn g[0] == g[1]"), Value::Bool(false));
    assert_eq!(value("return user == None or user == \"ada\""), Value::Bool(false));
}

#[test]
fn an_object_is_returned_as_itself() {
    let returned = value("return [user, user]");
    let Value::List(items) = returned else { panic!("{returned:?}") };
    assert_eq!(items[0], items[1]);
    assert_eq!(items[0].type_name(), "User");
}

#[test]
fn a_user_cannot_be_changed_by_assigning_to_it() {
    for source in [
        "user.username = \"root\"",
        "setattr(user, \"username\", \"root\")",
        "request.user.is_superuser = True",
    ] {
        assert_eq!(raised(source).1, "AttributeError", "{source}");
    }
    for source in [
        "user[\"username\"] = \"root\"",
        "return user[\"username\"]",
        "return \"a\" in user",
        "for x in user: pass",
        "return len(user)",
    ] {
        assert_eq!(raised(source).1, "TypeError", "{source}");
    }
}

#[test]
fn objects_of_the_expression_itself_can_be_assigned_to() {
    let source = "class Box:\n    def __init__(self, x):\n        self.x = x\n\nbox = Box(1)\nbox.x = box.x + 1\n\
                  setattr(box, \"y\", 5)\nreturn box.x + box.y";
    assert_eq!(value(source), Value::Int(7));
}
