//! Numbers are read back by a parser that knows nothing of how they were written.

use std::collections::HashMap;

use proptest::prelude::*;

use super::super::{Language, Say};

/// What an English number word is worth: words are added up to a scale, which multiplies what stands before it.
fn english(words: &str) -> Option<i64> {
    let (sign, words) = words.strip_prefix("minus ").map_or((1, words), |rest| (-1, rest));
    let small = "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen \
                 sixteen seventeen eighteen nineteen";
    let mut worth: HashMap<&str, i64> = small.split_whitespace().zip(0..).collect();
    worth.extend("twenty thirty forty fifty sixty seventy eighty ninety".split(' ').zip((20..).step_by(10)));
    let (mut total, mut group) = (0, 0);
    for word in words.split([' ', '-']) {
        match word {
            "and" => {}
            "hundred" => group *= 100,
            "thousand" | "million" | "billion" => {
                let scale = [("thousand", 1_000), ("million", 1_000_000), ("billion", 1_000_000_000)];
                total += group * scale.iter().find(|(name, _)| *name == word)?.1;
                group = 0;
            }
            _ => group += worth.get(word)?,
        }
    }
    Some(sign * (total + group))
}

/// German, from its largest part to its smallest: what stands before "tausend" counts thousands, and so on.
fn german(words: &str) -> Option<i64> {
    if let Some(rest) = words.strip_prefix("minus ") {
        return german(rest).map(|n| -n);
    }
    let words: String = words.split(' ').collect();
    parts(&words, &[("Milliarde", 1_000_000_000), ("Million", 1_000_000), ("tausend", 1_000), ("hundert", 100)])
}

fn parts(words: &str, scales: &[(&str, i64)]) -> Option<i64> {
    let Some(((name, size), smaller)) = scales.split_first() else { return below_hundred(words) };
    let Some((before, after)) = words.split_once(name) else { return parts(words, smaller) };
    let plural = match *name {
        "Million" if before != "eine" => "en",
        "Milliarde" if before != "eine" => "n",
        _ => "",
    };
    let after = after.strip_prefix(plural)?;
    let many = if before == "eine" { 1 } else { parts(before, smaller)? };
    Some(many * size + if after.is_empty() { 0 } else { parts(after, smaller)? })
}

fn below_hundred(words: &str) -> Option<i64> {
    let ones = "null ein zwei drei vier fünf sechs sieben acht neun zehn elf zwölf dreizehn vierzehn fünfzehn sechzehn \
                siebzehn achtzehn neunzehn";
    let tens = "zwanzig dreißig vierzig fünfzig sechzig siebzig achtzig neunzig";
    let one = |word: &str| ones.split_whitespace().zip(0..).find(|(name, _)| *name == word).map(|(_, n)| n);
    let ten = |word: &str| tens.split(' ').zip((20..).step_by(10)).find(|(name, _)| *name == word).map(|(_, n)| n);
    match words.split_once("und") {
        _ if words == "eins" => Some(1),
        Some((before, after)) => Some(one(before)? + ten(after)?),
        None => one(words).or(ten(words)),
    }
}

fn comes_back(n: i64) {
    let (de, en) = (Say::Number(n).in_words(Language::De), Say::Number(n).in_words(Language::En));
    assert_eq!(german(&de), Some(n), "{n}: {de}");
    assert_eq!(english(&en), Some(n), "{n}: {en}");
    let longest = de.split(' ').map(|word| word.chars().count()).max();
    assert!(longest <= Some(super::super::WORD_LETTERS_MAX), "{de}");
}

#[test]
fn small_numbers_come_back() {
    (-1_200..=12_000).for_each(comes_back);
    for size in [1_000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000, 1_000_000_000] {
        (size - 3..=size).for_each(comes_back);
    }
    (-1_000_000..=-999_990).for_each(comes_back);
}

#[test]
fn the_largest_numbers_are_said() {
    assert_eq!(
        Say::Number(i64::MIN).in_words(Language::De).split(' ').take(4).collect::<Vec<_>>(),
        ["minus", "neun", "Trillionen", "zweihundertdreiundzwanzig"]
    );
    assert!(Say::Number(i64::MAX).in_words(Language::En).starts_with("nine quintillion two hundred and twenty-three"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4_000))]

    #[test]
    fn numbers_come_back(n in -1_000_000..=1_000_000_000i64) {
        comes_back(n);
    }
}
