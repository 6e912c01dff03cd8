//! A stretch of opening time on one day, as the clock on the wall shows it.

use std::fmt;
use std::str::FromStr;

/// Minutes of a day.
pub(super) const DAY: u16 = 24 * 60;
/// A window across midnight that is longer than this is taken for one whose ends were swapped.
const ACROSS_MINUTES_MAX: u16 = 18 * 60;

/// A time of day, to the minute: `07:30`; `24:00` is the end of the day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ClockTime(u16);

/// From one time of day to another: `07:30-12:00`. One that ends at or before its start ends on the next
/// day (`22:00-02:00`), and belongs to the day on which it starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Window {
    from: u16,
    /// Later than `from`; up to two days long where it crosses midnight.
    to: u16,
}

/// Not a time of day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a time of day: write hours and minutes, like 07:30")]
pub struct BadTime;

/// Not a window.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadWindow {
    /// Not two times.
    #[error("not a window: write two times, like 08:00-12:00")]
    Form,
    /// Starts at the end of the day, or ends where it starts.
    #[error("the window is empty: for a whole day write 00:00-24:00")]
    Empty,
    /// Longer than 18 hours across midnight: the ends are swapped.
    #[error("the window ends before it starts: {} would be right, or the day's end as 24:00", .0)]
    Inverted(Swapped),
}

/// The window that was meant where the ends were swapped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Swapped(pub Window);

impl ClockTime {
    /// The end of the day.
    pub const MIDNIGHT: ClockTime = ClockTime(DAY);

    /// `hour:minute`; none where no clock shows it. `24:00` is allowed.
    pub fn new(hour: u8, minute: u8) -> Option<ClockTime> {
        let minutes = u16::from(hour) * 60 + u16::from(minute);
        (minute < 60 && minutes <= DAY).then_some(ClockTime(minutes))
    }

    /// Minutes since the day's 00:00, 0–1440.
    pub fn minutes(self) -> u16 {
        self.0
    }
}

impl Window {
    /// From `from` to `to`, on the next day where `to` is not later.
    pub fn new(from: ClockTime, to: ClockTime) -> Result<Window, BadWindow> {
        let (from, to) = (from.0, to.0);
        if from == to || from >= DAY {
            return Err(BadWindow::Empty);
        }
        if from < to {
            return Ok(Window { from, to });
        }
        let across = Window { from, to: to + DAY };
        if across.minutes() > ACROSS_MINUTES_MAX {
            return Err(BadWindow::Inverted(Swapped(Window { from: to, to: from })));
        }
        Ok(across)
    }

    /// Where it starts.
    pub fn from(self) -> ClockTime {
        ClockTime(self.from)
    }

    /// Where it ends; on the next day if [`Window::crosses_midnight`].
    pub fn to(self) -> ClockTime {
        ClockTime(if self.to > DAY { self.to - DAY } else { self.to })
    }

    /// Whether it ends on the day after the one it starts on.
    pub fn crosses_midnight(self) -> bool {
        self.to > DAY
    }

    /// Its length by the clock on the wall.
    pub fn minutes(self) -> u16 {
        self.to - self.from
    }

    /// Start and end in minutes since 00:00 of the day on which it starts.
    pub(super) fn span(self) -> (u16, u16) {
        (self.from, self.to)
    }

    /// Of minutes since 00:00; none where nothing is left.
    pub(super) fn of_span(from: u16, to: u16) -> Option<Window> {
        (from < to && from < 2 * DAY && to <= 2 * DAY).then_some(Window { from, to })
    }
}

impl FromStr for ClockTime {
    type Err = BadTime;

    /// `7:30`, `07:30`, `7.30`; ASCII digits only.
    fn from_str(text: &str) -> Result<ClockTime, BadTime> {
        let (hour, minute) = text.trim().split_once([':', '.']).ok_or(BadTime)?;
        let digits = |t: &str| t.bytes().all(|b| b.is_ascii_digit());
        if !(1..=2).contains(&hour.len()) || minute.len() != 2 || !digits(hour) || !digits(minute) {
            return Err(BadTime);
        }
        let (hour, minute) = (hour.parse().map_err(|_| BadTime)?, minute.parse().map_err(|_| BadTime)?);
        ClockTime::new(hour, minute).ok_or(BadTime)
    }
}

impl FromStr for Window {
    type Err = BadWindow;

    /// `08:00-12:00`, also with a dash of typesetters and blanks around it.
    fn from_str(text: &str) -> Result<Window, BadWindow> {
        let (from, to) = text.split_once(['-', '–', '—']).ok_or(BadWindow::Form)?;
        let time = |t: &str| t.parse().map_err(|_| BadWindow::Form);
        Window::new(time(from)?, time(to)?)
    }
}

impl fmt::Display for ClockTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}:{:02}", self.0 / 60, self.0 % 60)
    }
}

impl fmt::Display for Window {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.from(), self.to())
    }
}

impl fmt::Display for Swapped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
