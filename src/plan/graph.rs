//! The ways through a plan: every step is reached, and nobody who does nothing goes round for ever.
//! Linear in steps and ways.

use super::codes::Code;
use super::finding::{Finding, Place};
use super::model::{Callbacks, Kind, Line, Rule, Step, StepId, Target, To, Value};
use super::read::{Reader, is_somewhere};

/// A way out of a step.
struct Way {
    target: Target,
    /// It is only taken when the caller presses a key.
    key: bool,
}

/// The ways out of a step.
fn ways(kind: &Kind) -> Vec<Way> {
    let quiet = |target: &Target| Way { target: *target, key: false };
    let keyed = |target: &Target| Way { target: *target, key: true };
    match kind {
        Kind::Menu(menu) => {
            let keys = menu.keys.iter().map(|(_, target)| keyed(target));
            keys.chain(menu.invalid.iter().map(keyed)).chain(menu.silence.iter().map(quiet)).collect()
        }
        Kind::Info(info) => vec![quiet(&info.goto)],
        Kind::Say(say) => say.goto.iter().map(quiet).collect(),
        // Noise on a line makes messages too: going on from one is no deed of the caller.
        Kind::Message(message) => {
            let keys = message.keys.iter().map(|(_, target)| keyed(target));
            keys.chain(message.goto.iter().map(quiet)).collect()
        }
        // Nobody books a time without a key.
        Kind::Slots(slots) => {
            slots.goto.iter().map(keyed).chain([quiet(&slots.none), quiet(&slots.otherwise)]).collect()
        }
        Kind::Oncall(oncall) => vec![quiet(&oncall.otherwise)],
        Kind::Ring(ring) => vec![quiet(&ring.otherwise)],
        Kind::Language(language) => vec![quiet(&language.goto)],
        Kind::Owner(_) | Kind::Hangup(_) => Vec::new(),
    }
}

/// The ways of a whole plan.
pub(super) struct Graph<'p> {
    steps: &'p [Step],
    ways: Vec<Vec<Way>>,
}

impl<'p> Graph<'p> {
    pub(super) fn new(steps: &'p [Step]) -> Graph<'p> {
        Graph { steps, ways: steps.iter().map(|step| ways(&step.kind)).collect() }
    }

    fn out(&self, at: usize) -> impl Iterator<Item = (usize, &Way)> {
        self.ways.get(at).into_iter().flatten().filter_map(|way| match way.target.to {
            To::Step(StepId(id)) => usize::try_from(id).ok().filter(|id| *id < self.steps.len()).map(|id| (id, way)),
            To::Back => None,
        })
    }

    fn step(&self, at: usize) -> Option<&'p Step> {
        self.steps.get(at)
    }

    fn is_menu(&self, at: usize) -> bool {
        self.step(at).is_some_and(|step| matches!(step.kind, Kind::Menu(_)))
    }

    /// Marks everything that can be reached from `starts`; `through` says whether to go on from a step.
    fn mark(&self, starts: impl IntoIterator<Item = usize>, marked: &mut [bool], through: impl Fn(usize) -> bool) {
        let mut open: Vec<usize> = Vec::new();
        let visit = |at: usize, marked: &mut [bool], open: &mut Vec<usize>| {
            if let Some(mark) = marked.get_mut(at)
                && !*mark
            {
                *mark = true;
                open.push(at);
            }
        };
        for start in starts {
            visit(start, marked, &mut open);
        }
        while let Some(at) = open.pop() {
            if through(at) {
                for (to, _) in self.out(at) {
                    visit(to, marked, &mut open);
                }
            }
        }
    }

    /// Steps that no call reaches; of those that are reached only from such steps, none.
    fn unreached(&self, roots: &[usize]) -> Vec<usize> {
        let mut reached = vec![false; self.steps.len()];
        self.mark(roots.iter().copied(), &mut reached, |_| true);
        let lost: Vec<usize> =
            (0..self.steps.len()).filter(|at| reached.get(*at).is_some_and(|reached| !reached)).collect();
        let mut follows = vec![false; self.steps.len()];
        for at in &lost {
            for (to, _) in self.out(*at).filter(|(to, _)| to != at) {
                if let Some(follows) = follows.get_mut(to) {
                    *follows = true;
                }
            }
        }
        let mut named = Vec::new();
        // First those that nothing leads to, then one of each circle.
        for circles in [false, true] {
            for at in &lost {
                let known = reached.get(*at).copied().unwrap_or(true);
                if !known && (circles || !follows.get(*at).copied().unwrap_or(false)) {
                    named.push(*at);
                    self.mark([*at], &mut reached, |_| true);
                }
            }
        }
        named
    }

    /// Ways that close a circle without a key.
    fn circles(&self) -> Vec<(usize, Place)> {
        #[derive(Clone, Copy, PartialEq)]
        enum Seen {
            Not,
            Open,
            Done,
        }
        let mut seen = vec![Seen::Not; self.steps.len()];
        let mut closing = Vec::new();
        for start in 0..self.steps.len() {
            let mut path = vec![(start, 0)];
            while let Some((at, next)) = path.pop() {
                if next == 0 {
                    if seen.get(at) != Some(&Seen::Not) {
                        continue;
                    }
                    set(&mut seen, at, Seen::Open);
                }
                let way = self.out(at).filter(|(_, way)| !way.key).nth(next);
                let Some((to, way)) = way else {
                    set(&mut seen, at, Seen::Done);
                    continue;
                };
                path.push((at, next + 1));
                match seen.get(to) {
                    Some(Seen::Open) => closing.push((to, way.target.place)),
                    Some(Seen::Not) => path.push((to, 0)),
                    _ => {}
                }
            }
        }
        closing
    }

    /// Ways of silence out of menus that come back to them: a step without keys that says `back`.
    fn circles_back(&self) -> Vec<(usize, Place)> {
        let quiet: Vec<(usize, &Way)> = (0..self.steps.len())
            .filter(|at| self.is_menu(*at))
            .flat_map(|at| self.out(at).filter(|(_, way)| !way.key).map(move |(_, way)| (at, way)))
            .collect();
        // Steps from which a caller who does nothing is led back, read against the direction of the ways.
        let mut before: Vec<Vec<usize>> = vec![Vec::new(); self.steps.len()];
        let mut open: Vec<usize> = Vec::new();
        for at in (0..self.steps.len()).filter(|at| !self.is_menu(*at)) {
            for (to, _) in self.out(at).filter(|(_, way)| !way.key) {
                if let Some(before) = before.get_mut(to) {
                    before.push(at);
                }
            }
            let back = |way: &Way| !way.key && way.target.to == To::Back && is_somewhere(&way.target);
            if self.ways.get(at).is_some_and(|ways| ways.iter().any(back)) {
                open.push(at);
            }
        }
        let mut leads_back = vec![false; self.steps.len()];
        while let Some(at) = open.pop() {
            let Some(mark) = leads_back.get_mut(at).filter(|mark| !**mark) else { continue };
            *mark = true;
            open.extend(before.get(at).into_iter().flatten());
        }
        quiet
            .into_iter()
            .filter(|(_, way)| match way.target.to {
                To::Step(StepId(id)) => leads_back.get(id as usize).copied().unwrap_or(false),
                To::Back => false,
            })
            .map(|(at, way)| (at, way.target.place))
            .collect()
    }

    /// Steps that say `back` although no menu comes before them.
    fn no_back(&self) -> Vec<(usize, Place)> {
        let menus: Vec<usize> = (0..self.steps.len()).filter(|at| self.is_menu(*at)).collect();
        let mut after = vec![false; self.steps.len()];
        let starts: Vec<usize> = menus.iter().flat_map(|at| self.out(*at).map(|(to, _)| to)).collect();
        self.mark(starts, &mut after, |_| true);
        let mut found = Vec::new();
        for (at, step) in self.steps.iter().enumerate() {
            if after.get(at).copied().unwrap_or(true) {
                continue;
            }
            let back = |way: &&Way| way.target.to == To::Back && is_somewhere(&way.target);
            // An info that does not say where it goes on ends where there is no menu.
            let said = |way: &&Way| way.target.place != step.place;
            let ways = self.ways.get(at).into_iter().flatten();
            found.extend(ways.filter(back).filter(said).map(|way| (at, way.target.place)));
        }
        found
    }
}

fn set<T: Copy>(list: &mut [T], at: usize, value: T) {
    if let Some(slot) = list.get_mut(at) {
        *slot = value;
    }
}

impl Reader<'_> {
    /// Checks the ways from the line through all steps.
    pub(super) fn ways(&mut self, line: Option<&Line>, rules: &[Rule], callbacks: &Callbacks, steps: &[Step]) {
        let graph = Graph::new(steps);
        let name = |at: usize| graph.step(at).map_or(String::new(), |step| step.name.clone());
        let mut found = Vec::new();
        for (at, place) in graph.circles().into_iter().chain(graph.circles_back()) {
            found.push(Finding::new(Code::Loop, place, &[name(at).into()]));
        }
        for (at, place) in graph.no_back() {
            found.push(Finding::new(Code::NoBack, place, &[name(at).into()]));
        }
        let from_line = line
            .into_iter()
            .flat_map(|line| line.days.iter().map(|day| &day.target).chain([&line.open]).chain(line.closed.as_ref()));
        let roots: Vec<usize> = from_line
            .chain(rules.iter().map(|rule| &rule.target))
            // Who rings again goes on there.
            .chain(callbacks.message.iter().chain(&callbacks.human))
            .filter_map(|target| match target.to {
                To::Step(StepId(id)) => usize::try_from(id).ok(),
                To::Back => None,
            })
            .collect();
        // Where the line leads nowhere, its own findings say enough.
        if !roots.is_empty() {
            for at in graph.unreached(&roots) {
                let place = graph.step(at).map_or(Place::default(), |step| step.place);
                found.push(Finding::new(Code::Unreached, place, &[name(at).into()]));
            }
        }
        found.extend(both_ways(&graph, line, rules));
        for finding in found {
            self.find(finding);
        }
    }
}

/// Steps that say `{until}` to callers while it is open and while it is closed: it means either, not both.
/// Days of the calendar are left out, for they mostly are closed.
fn both_ways(graph: &Graph<'_>, line: Option<&Line>, rules: &[Rule]) -> Vec<Finding> {
    let Some(line) = line.filter(|line| line.hours.is_some()) else { return Vec::new() };
    let reached = |open: bool| {
        let of_line = if open { Some(&line.open) } else { line.closed.as_ref() };
        let of_rules = rules.iter().filter(|rule| rule.open.is_none_or(|only| only == open)).map(|rule| &rule.target);
        let starts = of_line.into_iter().chain(of_rules).filter_map(|target| match target.to {
            To::Step(StepId(id)) => usize::try_from(id).ok(),
            To::Back => None,
        });
        let mut marked = vec![false; graph.steps.len()];
        graph.mark(starts, &mut marked, |_| true);
        marked
    };
    let (open, closed) = (reached(true), reached(false));
    let both = graph.steps.iter().zip(open.into_iter().zip(closed)).filter(|(_, (open, closed))| *open && *closed);
    both.map(|(step, _)| step.kind.say())
        .filter(|say| say.has(Value::Until))
        .map(|say| Finding::new(Code::UntilBoth, say.place, &[]))
        .collect()
}
