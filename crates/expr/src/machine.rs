//! One evaluation: start the interpreter, answer what it asks, stop it at its limits.
//!
//! The interpreter pauses when it meets a name it does not know, an attribute or method of an object of the
//! host, or something of an operating system. It also looks whether output is to be flushed every few hundred
//! instructions, and that is where [`Watch`] looks at the clock and at the memory this evaluation holds: the
//! interpreter's own clock stands still while it waits, and it knows the memory of the process only.

use std::mem::take;
use std::time::{Duration, Instant};

use countersign_alloc::Account;
use countersign_types::Clock;
use monty::{FunctionCall, NameLookup, OsCall, RunProgress};
use monty_types::{
    ExcType, ExtFunctionResult, MontyDate, MontyException, MontyObject, NameLookupResult, OsFunctionCall,
    ResourceLimits, ResourceTracker,
};

use crate::json::ValueError;
use crate::watch::{Watch, stopped, wait_for_calm};
use crate::wire::{Known, Objects, date_time};
use crate::{
    EvalError, Host, HostError, HostObject, Limit, Limits, LogLevel, LogLine, Outcome, Program, Value,
    builtins,
};

/// Lines to `ak_logger` that are kept of one evaluation.
const MAX_LOGS: usize = 100;
/// One instruction may ask for this part of the allowance: it may ask several times before the next look.
const SINGLE_STEP: usize = 4;
/// Characters of a message that are kept.
const MAX_MESSAGE: usize = 1000;

type Step = Result<RunProgress, MontyException>;
type Arguments = (Vec<Value>, Vec<(String, Value)>);

/// What an evaluation needs besides its program.
pub(crate) struct Surroundings<'a> {
    pub(crate) host: &'a mut dyn Host,
    pub(crate) clock: &'a dyn Clock,
    pub(crate) limits: Limits,
    /// Bytes it may hold.
    pub(crate) memory: usize,
    /// Has another thread take this one's place while it waits.
    pub(crate) away: &'a dyn Away,
}

/// Whoever has other threads.
pub(crate) trait Away {
    /// This thread will wait; false when too many do.
    fn leave(&self) -> bool;
    /// It is back.
    fn come_back(&self);
}

/// Evaluates a program on this thread.
pub(crate) fn run(
    program: &Program,
    variables: Vec<(String, Value)>,
    surroundings: Surroundings<'_>,
) -> Result<Outcome, EvalError> {
    wait_for_calm();
    let started = Instant::now();
    let Surroundings { host, clock, limits, memory, away } = surroundings;
    let account = Account::open(memory);
    let deadline = started + limits.time;
    let mut machine = Machine {
        host,
        away,
        waited: Duration::ZERO,
        clock,
        limits,
        deadline,
        watch: Watch::new(deadline, memory),
        account,
        objects: Objects::default(),
        logs: Vec::new(),
        host_calls: 0,
        stop: None,
    };
    let inputs = machine.inputs(program, variables)?;
    let tracker = ResourceTracker::new(
        ResourceLimits::default()
            .max_duration(limits.time)
            .max_memory(memory / SINGLE_STEP)
            .max_recursion_depth(limits.recursion),
    );
    let mut step = program.instantiate().start(inputs, tracker, machine.watch.writer());
    let result = loop {
        step = match step {
            Ok(RunProgress::Complete(result)) => break result,
            Ok(progress) => machine.answer(progress),
            Err(exception) => return Err(machine.failure(program, &exception)),
        };
    };
    if let Some(limit) = machine.watch.noticed() {
        return Err(EvalError::LimitExceeded { limit, line: None });
    }
    let value = machine.objects.leave(result, limits.result_bytes).map_err(|error| match error {
        ValueError::Unsupported { what } => EvalError::NotAValue { what },
        ValueError::TooDeep | ValueError::TooLarge => {
            EvalError::LimitExceeded { limit: Limit::ResultSize, line: None }
        }
    })?;
    Ok(Outcome { value, logs: take(&mut machine.logs), elapsed: started.elapsed() })
}

/// Comes back, whatever became of the waiting.
struct Back<'a>(&'a dyn Away);

impl Drop for Back<'_> {
    fn drop(&mut self) {
        self.0.come_back();
    }
}

struct Machine<'a> {
    host: &'a mut dyn Host,
    away: &'a dyn Away,
    /// How long it has waited for other machines.
    waited: Duration,
    clock: &'a dyn Clock,
    limits: Limits,
    deadline: Instant,
    watch: Watch,
    account: Account,
    objects: Objects,
    logs: Vec<LogLine>,
    host_calls: u32,
    /// Why we ended the evaluation, when it was us.
    stop: Option<EvalError>,
}

impl Machine<'_> {
    fn inputs(
        &mut self,
        program: &Program,
        mut variables: Vec<(String, Value)>,
    ) -> Result<Vec<MontyObject>, EvalError> {
        let mut inputs = Vec::with_capacity(program.names().len() + 1);
        let addresses = program.takes_addresses();
        for (name, mentioned) in program.mentions() {
            let given = variables.iter_mut().find(|(given, _)| given == name);
            let (_, value) = given.ok_or_else(|| EvalError::Internal {
                message: format!("the variable '{name}' was not given"),
            })?;
            inputs.push(match mentioned {
                true if addresses => self.objects.variable(take(value)),
                true => self.objects.enter(take(value)),
                false => MontyObject::None,
            });
        }
        inputs.push(MontyObject::Int(i64::try_from(self.limits.result_bytes).unwrap_or(i64::MAX)));
        Ok(inputs)
    }

    fn answer(&mut self, progress: RunProgress) -> Step {
        if Instant::now() > self.deadline {
            self.exceed(Limit::Time);
        }
        match progress {
            RunProgress::FunctionCall(call) => self.answer_call(call),
            RunProgress::NameLookup(lookup) => self.answer_lookup(lookup),
            RunProgress::OsCall(call) => self.answer_os(call),
            RunProgress::ResolveFutures(futures) => futures.abort(
                MontyException::runtime_error("nothing will ever answer this await"),
                self.watch.writer(),
            ),
            RunProgress::Complete(result) => Ok(RunProgress::Complete(result)),
        }
    }

    fn answer_call(&mut self, mut call: FunctionCall) -> Step {
        // A call of an unknown name comes here without a look-up before.
        if call.object_id.is_none() && !self.is_function(&call.function_name) && self.stop.is_none() {
            let unknown = ExtFunctionResult::NotFound(call.function_name.clone());
            return call.resume(unknown, self.watch.writer());
        }
        let receiver = call.object_id.map(|id| self.objects.find(id));
        let result = match self.arguments(take(&mut call.args), take(&mut call.kwargs)) {
            Ok(arguments) => self.dispatch(receiver, &call.function_name, arguments),
            Err(error) => Err(HostError::Value(format!("{}(): {error}", call.function_name))),
        };
        let result = self.bring(result);
        if self.stop.is_some() {
            return call.abort(stopped(), self.watch.writer());
        }
        match result {
            Ok(value) => call.resume(ExtFunctionResult::Return(value), self.watch.writer()),
            Err(error) => call.resume(ExtFunctionResult::Error(error), self.watch.writer()),
        }
    }

    fn answer_lookup(&mut self, lookup: NameLookup) -> Step {
        let result = match lookup.object_id() {
            None => Ok(self.global(&lookup.name)),
            Some(id) => {
                let value = match self.objects.find(id) {
                    Some(Known::Object(object)) => self.ask(|_| object.attr(&lookup.name)),
                    Some(Known::Logger) | None => Ok(None),
                };
                match value {
                    Ok(Some(value)) => self.bring(Ok(value)).map(Some),
                    Ok(None) => Ok(None),
                    Err(error) => self.bring(Err(error)).map(Some),
                }
            }
        };
        if self.stop.is_some() {
            return lookup.abort(stopped(), self.watch.writer());
        }
        let answer = match result {
            Ok(value) => NameLookupResult::from(value),
            Err(error) => NameLookupResult::Error(error),
        };
        lookup.resume(answer, self.watch.writer())
    }

    /// A name the expression does not define.
    fn global(&mut self, name: &str) -> Option<MontyObject> {
        if name == "ak_logger" {
            return Some(self.objects.logger());
        }
        self.is_function(name).then(|| MontyObject::Function { name: name.to_owned(), docstring: None })
    }

    fn is_function(&self, name: &str) -> bool {
        builtins::find(name).is_some() || ENDINGS.contains(&name) || self.host.provides(name)
    }

    /// The time of day is that of our clock; everything else of an operating system is denied.
    fn answer_os(&mut self, call: OsCall) -> Step {
        if self.stop.is_some() {
            return call.abort(stopped(), self.watch.writer());
        }
        let now = self.clock.now();
        let answer = match &call.function_call {
            OsFunctionCall::DateTimeNow(zone) => {
                date_time(now, zone.as_ref().map(|zone| zone.offset_seconds)).map(MontyObject::DateTime)
            }
            OsFunctionCall::DateToday => date_time(now, None).map(|moment| {
                MontyObject::Date(MontyDate { year: moment.year, month: moment.month, day: moment.day })
            }),
            _ => None,
        };
        let answer = match answer {
            Some(value) => ExtFunctionResult::Return(value),
            None => {
                let name = call.function_call.name();
                let message = format!("an expression has no access to the system: {name}");
                ExtFunctionResult::Error(MontyException::new(ExcType::PermissionError, Some(message)))
            }
        };
        call.resume(answer, self.watch.writer())
    }

    fn dispatch(
        &mut self,
        receiver: Option<Option<Known>>,
        name: &str,
        arguments: Arguments,
    ) -> Result<Value, HostError> {
        match receiver {
            Some(Some(Known::Object(object))) => self.ask(|_| call_object(&*object, name, arguments)),
            Some(Some(Known::Logger)) => self.log(name, arguments),
            Some(None) => Err(HostError::Type(format!("'{name}' cannot be called"))),
            None => match builtins::find(name) {
                Some(builtin) => self.account.paused(|| builtin(arguments)),
                None if ENDINGS.contains(&name) => {
                    self.stop = Some(ending(name, arguments));
                    Ok(Value::None)
                }
                None if self.host.waits(name) => self.wait(name, arguments),
                None => self.ask(|machine| machine.call(name, arguments.0, arguments.1)),
            },
        }
    }

    /// Asks the host, unless it has been asked too often.
    fn ask<T: Default>(
        &mut self,
        question: impl FnOnce(&mut dyn Host) -> Result<T, HostError>,
    ) -> Result<T, HostError> {
        if !self.count_call() {
            return Ok(T::default());
        }
        let host = &mut *self.host;
        let answer = self.account.paused(|| question(host));
        self.after_call();
        answer
    }

    /// Whether the host may be asked once more.
    fn count_call(&mut self) -> bool {
        if self.stop.is_some() {
            return false;
        }
        if self.host_calls >= self.limits.host_calls {
            self.exceed(Limit::HostCalls);
            return false;
        }
        self.host_calls += 1;
        true
    }

    fn after_call(&mut self) {
        wait_for_calm();
        if Instant::now() > self.deadline {
            self.exceed(Limit::Time);
        }
    }

    /// Calls a function that waits for another machine. The time is given back, and taken from what there is for waiting.
    fn wait(&mut self, name: &str, arguments: Arguments) -> Result<Value, HostError> {
        if self.waited >= self.limits.waiting {
            self.exceed(Limit::Time);
            return Ok(Value::None);
        }
        let away = self.away;
        let began = Instant::now();
        let mut answer = Ok(Value::None);
        if self.count_call() {
            let host = &mut *self.host;
            answer = self.account.paused(|| {
                if !away.leave() {
                    return Err(HostError::System("too many expressions wait for other machines".to_owned()));
                }
                let _back = Back(away);
                host.call(name, arguments.0, arguments.1)
            });
            let left = self.limits.waiting.saturating_sub(self.waited);
            let waited = began.elapsed();
            self.waited += waited;
            self.deadline += waited.min(left);
            self.watch.extend(waited.min(left));
            self.after_call();
        }
        answer
    }

    fn arguments(
        &mut self,
        args: Vec<MontyObject>,
        kwargs: Vec<(MontyObject, MontyObject)>,
    ) -> Result<Arguments, ValueError> {
        let bytes: usize =
            args.iter().chain(kwargs.iter().map(|(_, value)| value)).map(MontyObject::deep_host_size).sum();
        let (objects, limit) = (&self.objects, self.limits.result_bytes);
        let converted = self.account.paused(|| {
            let args = args.into_iter().map(|value| objects.leave(value, limit)).collect::<Result<_, _>>()?;
            let kwargs =
                kwargs.into_iter().map(|(name, value)| Ok((name.to_string(), objects.leave(value, limit)?)));
            Ok((args, kwargs.collect::<Result<_, ValueError>>()?))
        });
        self.account.hand_over(bytes);
        converted
    }

    /// Brings an answer of the host into the interpreter.
    fn bring(&mut self, answer: Result<Value, HostError>) -> Result<MontyObject, MontyException> {
        let (class, message) = match answer {
            Ok(value) => {
                let objects = &mut self.objects;
                let object = self.account.paused(|| objects.enter(value));
                self.account.take_over(object.deep_host_size());
                return Ok(object);
            }
            Err(HostError::NoSuchMethod(name)) => (ExcType::AttributeError, format!("no method '{name}'")),
            Err(HostError::Attribute(message)) => (ExcType::AttributeError, message),
            Err(HostError::Type(message)) => (ExcType::TypeError, message),
            Err(HostError::Value(message)) => (ExcType::ValueError, message),
            Err(HostError::Key(message)) => (ExcType::KeyError, message),
            Err(HostError::System(message)) => (ExcType::OSError, message),
            Err(HostError::Denied(message)) => (ExcType::PermissionError, message),
            Err(HostError::Unavailable(message)) => {
                self.stop.get_or_insert(EvalError::Unavailable { line: None, message: message.clone() });
                (ExcType::RuntimeError, message)
            }
        };
        Err(MontyException::new(class, Some(message)))
    }

    fn log(&mut self, method: &str, (args, fields): Arguments) -> Result<Value, HostError> {
        let level = match method {
            "debug" => LogLevel::Debug,
            "info" => LogLevel::Info,
            "warning" | "warn" => LogLevel::Warning,
            "error" | "exception" | "critical" => LogLevel::Error,
            _ => return Err(HostError::NoSuchMethod(method.to_owned())),
        };
        let words: Vec<String> = args.iter().map(said).collect();
        let message = shortened(&words.join(" "));
        if self.logs.len() < MAX_LOGS {
            self.logs.push(LogLine { level, message, fields });
        }
        Ok(Value::None)
    }

    fn exceed(&mut self, limit: Limit) {
        self.stop.get_or_insert(EvalError::LimitExceeded { limit, line: None });
    }

    /// What an exception that nobody handled means.
    fn failure(&mut self, program: &Program, exception: &MontyException) -> EvalError {
        let at = program.line_of(exception);
        if let Some(limit) = self.watch.noticed() {
            return EvalError::LimitExceeded { limit, line: at };
        }
        if let Some(stop) = self.stop.take() {
            return match stop {
                EvalError::LimitExceeded { limit, .. } => EvalError::LimitExceeded { limit, line: at },
                EvalError::Unavailable { message, .. } => EvalError::Unavailable { line: at, message },
                other => other,
            };
        }
        let message = exception.message().unwrap_or_default();
        let exceeded = |limit| EvalError::LimitExceeded { limit, line: at };
        match exception.exc_type() {
            ExcType::TimeoutError if message.starts_with("time limit exceeded") => exceeded(Limit::Time),
            // Somebody else's alarm: our own would have been noticed at less.
            ExcType::MemoryError
                if countersign_alloc::is_alarm_raised() && self.account.peak() < self.watch.memory() =>
            {
                EvalError::Busy
            }
            ExcType::MemoryError if message.starts_with("memory limit exceeded") => exceeded(Limit::Memory),
            ExcType::RecursionError => exceeded(Limit::Recursion),
            ExcType::KeyboardInterrupt => EvalError::Skipped,
            class => {
                EvalError::Raised { line: at, exception: class.to_string(), message: shortened(message) }
            }
        }
    }
}

/// Functions of the prelude that end the evaluation.
const ENDINGS: [&str; 2] = ["_cs_result_too_large", "_cs_not_a_value"];

fn ending(name: &str, (args, _): Arguments) -> EvalError {
    match (name, args.first().and_then(Value::as_str)) {
        ("_cs_not_a_value", Some(class)) => EvalError::NotAValue { what: format!("a {}", shortened(class)) },
        _ => EvalError::LimitExceeded { limit: Limit::ResultSize, line: None },
    }
}

fn call_object(object: &dyn HostObject, name: &str, (args, kwargs): Arguments) -> Result<Value, HostError> {
    let mut parts = args.into_iter();
    match name {
        "cs_get_item" => object.get_item(&parts.next().unwrap_or_default()),
        "cs_contains" => object.contains(&parts.next().unwrap_or_default()).map(Value::Bool),
        "cs_set_item" => {
            let key = parts.next().unwrap_or_default();
            object.set_item(key, parts.next().unwrap_or_default()).map(|()| Value::None)
        }
        "cs_set_attr" => {
            let name = parts.next().unwrap_or_default();
            let name = name.as_str().ok_or_else(|| HostError::Type("attribute names are text".to_owned()))?;
            object.set_attr(name, parts.next().unwrap_or_default()).map(|()| Value::None)
        }
        _ => object.call(name, parts.collect(), kwargs),
    }
}

fn said(value: &Value) -> String {
    match value {
        Value::Str(text) => text.clone(),
        other => format!("{other:?}"),
    }
}

fn shortened(text: &str) -> String {
    text.chars().take(MAX_MESSAGE).collect()
}
