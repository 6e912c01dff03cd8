//! Was it heard? Normalised cross-correlation at one rate (SPEECH.md).

use realfft::RealFftPlanner;

/// Where a clip was found in what was heard.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Found {
    /// 1 is exactly; 0.9 and more is heard.
    pub likeness: f64,
    /// The sample of `heard` at which the clip starts; negative where its start is cut off.
    pub at: isize,
}

/// How well `clip` is to be heard somewhere in `heard`, both at the same rate. What is cut off at
/// either end of `heard` counts as missing.
pub fn find(heard: &[i16], clip: &[i16]) -> Found {
    let nowhere = Found { likeness: 0.0, at: 0 };
    let loud: f64 = clip.iter().map(|sample| f64::from(*sample).powi(2)).sum();
    if loud == 0.0 || heard.is_empty() {
        return nowhere;
    }
    // Silence around: a clip may hang out at both ends.
    let around = std::iter::repeat_n(0.0, clip.len());
    let padded: Vec<f64> = around.clone().chain(heard.iter().map(|sample| f64::from(*sample))).chain(around).collect();
    let Some(products) = products(&padded, clip) else { return nowhere };
    let mut window: f64 = padded.iter().take(clip.len()).map(|sample| sample * sample).sum();
    let mut best = nowhere;
    let moves = padded.iter().zip(padded.iter().skip(clip.len()).chain(std::iter::once(&0.0)));
    for ((at, product), (leaves, enters)) in (0_isize..).zip(products).zip(moves) {
        // A window of next to nothing resembles everything.
        let likeness = product / (window.max(loud * 1e-4) * loud).sqrt();
        if likeness > best.likeness {
            best = Found { likeness, at: at - isize::try_from(clip.len()).unwrap_or(isize::MAX) };
        }
        window += enters * enters - leaves * leaves;
    }
    best
}

/// The scalar product of `clip` with each window of `padded`.
fn products(padded: &[f64], clip: &[i16]) -> Option<Vec<f64>> {
    let size = (padded.len() + clip.len()).next_power_of_two();
    let mut planner = RealFftPlanner::<f64>::new();
    let (forward, back) = (planner.plan_fft_forward(size), planner.plan_fft_inverse(size));
    let spectrum = |mut samples: Vec<f64>| {
        samples.resize(size, 0.0);
        let mut output = forward.make_output_vec();
        forward.process(&mut samples, &mut output).ok().map(|()| output)
    };
    let mut product = spectrum(padded.to_vec())?;
    for (a, b) in product.iter_mut().zip(spectrum(clip.iter().map(|sample| f64::from(*sample)).collect())?) {
        *a *= b.conj();
    }
    let mut result = back.make_output_vec();
    back.process(&mut product, &mut result).ok()?;
    result.truncate(padded.len() + 1 - clip.len());
    let scale = f64::from(u32::try_from(size).unwrap_or(u32::MAX));
    Some(result.iter().map(|value| value / scale).collect())
}
