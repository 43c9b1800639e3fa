//! The graph as text in the language of mermaid, top to bottom, as authentik's API gives it.

use std::fmt::Write as _;

use countersign_model::{BoundTo, PolicyEngineMode};

use super::{Check, Diagram, DiagramStep, Guard};

impl Diagram {
    /// The graph as mermaid text. Names cannot break out of their places.
    pub fn to_mermaid(&self) -> String {
        let mut graph = Graph(String::from("graph TD\n"));
        graph.node("flow_start", Shape::Frame, &format!("Flow<br>{}", quoted(&self.name)));
        let mut from = ("flow_start".to_owned(), String::new());
        if !self.guard.is_open() {
            graph.guard("flow_policies", "Flow policies", &self.guard);
            graph.edge(&from, "flow_policies");
            graph.node("denied", Shape::Frame, "End of the flow<br>Denied");
            graph.edge(&("flow_policies".to_owned(), "denied".to_owned()), "denied");
            from = ("flow_policies".to_owned(), "passed".to_owned());
        }
        let mut waiting = vec![from];
        for (place, step) in self.steps.iter().enumerate() {
            waiting = graph.step(place, step, waiting);
        }
        graph.node("done", Shape::Frame, "End of the flow");
        for from in waiting {
            graph.edge(&from, "done");
        }
        graph.0
    }
}

/// A node that an edge comes from, and what is written on the edge.
type Open = (String, String);

struct Graph(String);

#[derive(Clone, Copy)]
enum Shape {
    Frame,
    Round,
    Question,
}

impl Graph {
    fn node(&mut self, id: &str, shape: Shape, label: &str) {
        let (open, close) = match shape {
            Shape::Frame => ("[[", "]]"),
            Shape::Round => ("([", "])"),
            Shape::Question => ("{{", "}}"),
        };
        // Writing to a text does not fail.
        let _ = writeln!(self.0, "{id}{open}\"{label}\"{close}");
    }

    fn edge(&mut self, (from, words): &Open, to: &str) {
        let _ = if words.is_empty() {
            writeln!(self.0, "{from} --> {to}")
        } else {
            writeln!(self.0, "{from} -- \"{words}\" --> {to}")
        };
    }

    fn guard(&mut self, id: &str, heading: &str, guard: &Guard) {
        let checks: Vec<String> = guard.counted().map(words).collect();
        let joint = match guard.mode {
            PolicyEngineMode::Any => " or<br>",
            PolicyEngineMode::All => " and<br>",
        };
        self.node(id, Shape::Question, &format!("{heading}<br>{}", checks.join(joint)));
    }

    /// Draws a step onto the open edges; returns those that are open after it.
    fn step(&mut self, place: usize, step: &DiagramStep, waiting: Vec<Open>) -> Vec<Open> {
        let stage = format!("stage_{place}");
        let kind = step.model.split('.').next_back().unwrap_or_default();
        self.node(&stage, Shape::Round, &format!("Stage ({})<br>{}", quoted(kind), quoted(&step.name)));
        for (index, link) in step.links.iter().enumerate() {
            let flow = format!("stage_{place}_flow_{index}");
            self.node(&flow, Shape::Frame, &format!("Flow<br>{}", quoted(&link.name)));
            self.edge(&(stage.clone(), quoted(&link.field)), &flow);
        }
        let asked = step.evaluate_on_plan || step.re_evaluate;
        if step.guard.is_open() || !asked {
            for from in waiting {
                self.edge(&from, &stage);
            }
            return vec![(stage, String::new())];
        }
        let policies = format!("stage_{place}_policies");
        self.guard(&policies, "Stage policies", &step.guard);
        for from in waiting {
            self.edge(&from, &policies);
        }
        self.edge(&(policies.clone(), "passed".to_owned()), &stage);
        vec![(stage, String::new()), (policies, "skipped".to_owned())]
    }
}

fn words(check: &Check) -> String {
    let what = match check.asked {
        BoundTo::Policy(_) => "Policy",
        BoundTo::Group(_) => "Group",
        BoundTo::User(_) => "User",
    };
    let not = if check.negate { "not " } else { "" };
    format!("{not}{what} {}", quoted(&check.name))
}

/// Words inside a quoted label: whatever means something to mermaid or to HTML is written as its number.
fn quoted(words: &str) -> String {
    let mut quoted = String::with_capacity(words.len());
    for letter in words.chars() {
        match letter {
            '"' | '#' | '&' | '<' | '>' | ';' | '`' | '\\' | '%' | '{' | '}' | '[' | ']' | '(' | ')' => {
                let _ = write!(quoted, "#{};", u32::from(letter));
            }
            letter if letter.is_control() => quoted.push(' '),
            letter => quoted.push(letter),
        }
    }
    quoted
}

#[cfg(test)]
mod tests {
    use countersign_model::ConfigObjectId;
    use uuid::Uuid;

    use super::super::samples::{check, diagram, guard, step};
    use super::*;

    const POLICY: BoundTo = BoundTo::Policy(ConfigObjectId(Uuid::nil()));

    #[test]
    fn stages_stand_in_order_and_refusals_lead_on() {
        let flow = guard(vec![check("office", POLICY, false)]);
        let steps = vec![step("name", Vec::new()), step("code", vec![check("trusted", POLICY, true)])];
        let text = diagram(flow, steps).to_mermaid();
        assert_eq!(
            text,
            "graph TD\n\
             flow_start[[\"Flow<br>Welcome\"]]\n\
             flow_policies{{\"Flow policies<br>Policy office\"}}\n\
             flow_start --> flow_policies\n\
             denied[[\"End of the flow<br>Denied\"]]\n\
             flow_policies -- \"denied\" --> denied\n\
             stage_0([\"Stage (dummystage)<br>name\"])\n\
             flow_policies -- \"passed\" --> stage_0\n\
             stage_1([\"Stage (dummystage)<br>code\"])\n\
             stage_1_policies{{\"Stage policies<br>not Policy trusted\"}}\n\
             stage_0 --> stage_1_policies\n\
             stage_1_policies -- \"passed\" --> stage_1\n\
             done[[\"End of the flow\"]]\n\
             stage_1 --> done\n\
             stage_1_policies -- \"skipped\" --> done\n"
        );
    }

    #[test]
    fn a_hostile_name_stays_in_its_place() {
        let hostile = "x\"]]\nclick flow_start \"javascript:alert(1)\"<img src=x>%%{init}";
        let text = diagram(guard(Vec::new()), vec![step(hostile, Vec::new())]).to_mermaid();
        assert_eq!(text.lines().count(), 6, "{text}");
        assert!(!text.contains("<img") && !text.contains("%%{"), "{text}");
    }
}
