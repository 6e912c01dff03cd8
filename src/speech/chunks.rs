//! Pieces that a synthesiser takes.

/// Words of one piece at most.
pub const CHUNK_WORDS_MAX: usize = 40;
/// Letters of one word at most.
pub const WORD_LETTERS_MAX: usize = 60;

/// `text`, as [`super::speakable`] or [`super::render`] made it, in pieces of one sentence and at most
/// [`CHUNK_WORDS_MAX`] words of [`WORD_LETTERS_MAX`] letters. A longer sentence is parted at its last comma
/// that fits, a longer word where it must be.
pub fn chunks(text: &str) -> Vec<String> {
    let mut chunks = Vec::new();
    let mut words: Vec<String> = Vec::new();
    for word in text.split_whitespace().flat_map(short_words) {
        if words.len() == CHUNK_WORDS_MAX {
            let cut = words.iter().rposition(|word| word.ends_with(',')).map_or(words.len(), |at| at + 1);
            let rest = words.split_off(cut);
            chunks.push(words.join(" "));
            words = rest;
        }
        let last = word.ends_with(['.', '!', '?']);
        words.push(word);
        if last {
            chunks.push(words.join(" "));
            words.clear();
        }
    }
    if !words.is_empty() {
        chunks.push(words.join(" "));
    }
    chunks
}

fn short_words(word: &str) -> Vec<String> {
    let letters: Vec<char> = word.chars().collect();
    letters.chunks(WORD_LETTERS_MAX).map(|part| part.iter().collect()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sentence_is_a_piece() {
        assert_eq!(chunks("Guten Tag. Wir sind da!  Und Sie?"), ["Guten Tag.", "Wir sind da!", "Und Sie?"]);
        assert_eq!(chunks("ohne Punkt"), ["ohne Punkt"]);
        assert!(chunks(" \n ").is_empty());
    }

    #[test]
    fn a_long_sentence_is_parted_at_a_comma() {
        let text = format!("{}ja, {}ende.", "la ".repeat(29), "so ".repeat(19));
        let lengths: Vec<usize> = chunks(&text).iter().map(|c| c.split(' ').count()).collect();
        assert_eq!(lengths, [30, 20]);
        let text = "la ".repeat(85);
        let lengths: Vec<usize> = chunks(&text).iter().map(|c| c.split(' ').count()).collect();
        assert_eq!(lengths, [40, 40, 5]);
    }

    #[test]
    fn a_long_word_is_parted() {
        let lengths: Vec<usize> =
            chunks(&"ä".repeat(130)).iter().flat_map(|c| c.split(' ').map(|w| w.chars().count())).collect();
        assert_eq!(lengths, [60, 60, 10]);
    }
}
