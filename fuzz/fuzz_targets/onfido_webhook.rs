#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| kyc_tests::fuzz::onfido_webhook(bytes));
