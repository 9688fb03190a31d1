//! A repetition matches its record, or is told where it first differs.

use compare::{Verification, verify};
use record::Measured;

use crate::made::right_on;

fn first_difference(change: impl Fn(&mut Measured)) -> (Option<usize>, String) {
    let written = right_on("made", 0, 900);
    let mut again = written.clone();
    change(&mut again.result);
    let verification = verify(&written, &again, 1e-6);
    let Verification::Differs(difference) = verification else {
        panic!("{verification:?}");
    };
    (difference.epoch, difference.what)
}

#[test]
fn the_first_difference_in_the_order_of_measurement_is_named() {
    let named = |epoch, what: &str| (epoch, what.to_owned());
    let test = |again: &mut Measured| again.test.as_mut().unwrap().loss += 2e-6;
    assert_eq!(first_difference(test), named(None, "test.loss"));
    let validation = |again: &mut Measured| {
        test(again);
        again.epochs[2].validation.as_mut().unwrap().accuracy -= 2e-6;
    };
    assert_eq!(
        first_difference(validation),
        named(Some(3), "validation.accuracy")
    );
    let train = |again: &mut Measured| {
        validation(again);
        again.epochs[1].train.loss += 2e-6;
    };
    assert_eq!(first_difference(train), named(Some(2), "train.loss"));
    let data = |again: &mut Measured| {
        train(again);
        again.data.test.digest = "other".to_owned();
    };
    assert_eq!(first_difference(data), named(None, "the test set's digest"));
}

#[test]
fn equal_results_are_bit_exact_and_close_ones_within_the_tolerance() {
    let written = right_on("made", 0, 900);
    assert_eq!(verify(&written, &written, 0.0), Verification::BitExact);
    let mut again = written.clone();
    again.result.epochs[0].train.accuracy += 5e-7;
    let verification = verify(&written, &again, 1e-6);
    let Verification::WithinTolerance { largest } = verification else {
        panic!("{verification:?}");
    };
    assert!((largest - 5e-7).abs() < 1e-12, "{largest}");
    // Other weights that give the same figures are close, not the same.
    let mut again = written.clone();
    again.files.model = Some("other".to_owned());
    let expected = Verification::WithinTolerance { largest: 0.0 };
    assert_eq!(verify(&written, &again, 1e-6), expected);
}
