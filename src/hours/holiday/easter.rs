//! Easter Sunday of the Gregorian calendar.

use jiff::civil::Date;

/// By the anonymous Gregorian rule (Nature, 20 April 1876; Meeus, Astronomical Algorithms, ch. 8), whole numbers only.
pub(super) fn easter(year: i16) -> Date {
    let y = i32::from(year);
    let golden = y.rem_euclid(19);
    let (century, rest) = (y.div_euclid(100), y.rem_euclid(100));
    let (leaps, skipped) = (century.div_euclid(4), century.rem_euclid(4));
    let moon = (century - (century + 8).div_euclid(25) + 1).div_euclid(3);
    let full = (19 * golden + century - leaps - moon + 15).rem_euclid(30);
    let week = (32 + 2 * skipped + 2 * (rest / 4) - full - rest % 4).rem_euclid(7);
    let late = (golden + 11 * full + 22 * week) / 451;
    let days = full + week - 7 * late + 114;
    let small = |n: i32| i8::try_from(n).unwrap_or(1);
    Date::new(year, small(days / 31), small(days % 31 + 1)).unwrap_or(Date::ZERO)
}

#[cfg(test)]
mod tests {
    use super::easter;

    #[test]
    fn easters_of_the_almanacs() {
        // Earliest and latest possible, both exceptions of Gauss's rule (1954, 1981), and years of ours.
        for (year, date) in [
            (1818, "1818-03-22"),
            (1943, "1943-04-25"),
            (1954, "1954-04-18"),
            (1981, "1981-04-19"),
            (2000, "2000-04-23"),
            (2024, "2024-03-31"),
            (2025, "2025-04-20"),
            (2026, "2026-04-05"),
            (2027, "2027-03-28"),
            (2038, "2038-04-25"),
            (2049, "2049-04-18"),
            (2285, "2285-03-22"),
        ] {
            assert_eq!(easter(year).to_string(), date);
        }
    }

    #[test]
    fn it_is_a_sunday_of_spring_in_every_year() {
        for year in jiff::civil::Date::MIN.year()..=jiff::civil::Date::MAX.year() {
            let day = easter(year);
            assert_eq!((day.year(), day.weekday()), (year, jiff::civil::Weekday::Sunday));
            assert!((3, 22) <= (day.month(), day.day()) && (day.month(), day.day()) <= (4, 25), "{day}");
        }
    }
}
