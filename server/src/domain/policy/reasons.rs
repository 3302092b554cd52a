{
    use Act::{
        CouldNotVerify, Escalate, Propose, Recapture, Reject, Reopen, Return, Reveal, TakeOver,
    };
    let reason = |code: &str, family: Family, acts: &[Act], en: &str, de: &str| Reason {
        code: code.to_owned(),
        family,
        acts: acts.to_vec(),
        label: Localised::new(en, de),
        customer_text: None,
    };
    let told = |reason: Reason, en: &str, de: &str| Reason { customer_text: Some(Localised::new(en, de)), ..reason };
    vec![
        reason("compare_with_document", Family::Business, &[Reveal], "Compare with the document shown", "Mit dem gezeigten Ausweis vergleichen"),
        reason("ask_the_customer", Family::Business, &[Reveal], "Ask the customer to confirm it", "Von der Kundin oder dem Kunden bestätigen lassen"),
        reason("correct_the_application", Family::Business, &[Reveal], "Correct the application", "Antrag berichtigen"),
        reason("colleague_unavailable", Family::Technical, &[TakeOver], "Colleague is not available", "Kollegin oder Kollege ist nicht erreichbar"),
        reason("shift_change", Family::Business, &[TakeOver], "Change of shift", "Schichtwechsel"),
        reason("customer_called_back", Family::Business, &[TakeOver, Reopen], "Customer came back to me", "Kundin oder Kunde hat sich bei mir gemeldet"),
        told(reason("blurred", Family::Technical, &[Recapture], "Picture is blurred", "Bild ist unscharf"), "The picture was blurred. Hold still, and let the camera focus.", "Das Bild war unscharf. Halten Sie still und lassen Sie die Kamera scharfstellen."),
        told(reason("glare", Family::Technical, &[Recapture], "Glare hides something", "Spiegelung verdeckt etwas"), "Light was reflected. Tilt the document a little, or turn away from the lamp.", "Es spiegelte. Neigen Sie den Ausweis ein wenig oder drehen Sie sich von der Lampe weg."),
        told(reason("cut_off", Family::Technical, &[Recapture], "Part of it is cut off", "Ein Teil ist abgeschnitten"), "Part of it was cut off. All of it must be in the picture.", "Ein Teil war abgeschnitten. Es muss ganz im Bild sein."),
        told(reason("too_dark", Family::Technical, &[Recapture], "Too dark", "Zu dunkel"), "It was too dark. Find a place with more light.", "Es war zu dunkel. Suchen Sie einen Platz mit mehr Licht."),
        told(reason("wrong_side", Family::Business, &[Recapture], "Wrong side or wrong document", "Falsche Seite oder falscher Ausweis"), "Another side or another document is needed.", "Es wird eine andere Seite oder ein anderer Ausweis gebraucht."),
        reason("needs_second_look", Family::Business, &[Escalate], "I want a second look", "Ich möchte eine zweite Meinung"),
        reason("customer_upset", Family::Business, &[Escalate], "Customer wants to speak to a supervisor", "Kundin oder Kunde möchte die Leitung sprechen"),
        reason("suspected_forgery", Family::Suspicion, &[Escalate, Reject], "Document may be forged", "Ausweis könnte gefälscht sein"),
        reason("suspected_prompting", Family::Suspicion, &[Escalate, Reject], "Somebody prompts or pressures the customer", "Kundin oder Kunde wird beeinflusst oder unter Druck gesetzt"),
        reason("data_does_not_match", Family::Business, &[Reject], "Data does not match the application", "Daten passen nicht zum Antrag"),
        told(reason("document_not_accepted", Family::Business, &[Reject], "Document is expired or not accepted", "Ausweis ist abgelaufen oder wird nicht akzeptiert"), "Your document has expired, or is not one that can be accepted for this check. Ask your bank which documents are.", "Ihr Ausweis ist abgelaufen oder wird für diese Prüfung nicht angenommen. Fragen Sie Ihre Bank, welche Ausweise möglich sind."),
        told(reason("customer_refuses", Family::Business, &[Reject], "Customer does not want to go on", "Kundin oder Kunde möchte nicht fortfahren"), "You did not want to go on with the check. If you change your mind, ask your bank for a new link.", "Sie wollten die Prüfung nicht fortsetzen. Wenn Sie es sich anders überlegen, bitten Sie Ihre Bank um einen neuen Link."),
        told(reason("bad_connection", Family::Technical, &[CouldNotVerify], "Connection too poor", "Verbindung zu schlecht"), "The connection was too poor. It was not your fault. Try again from a place with better reception, by a new link from your bank.", "Die Verbindung war zu schlecht. Es lag nicht an Ihnen. Versuchen Sie es an einem Ort mit besserem Empfang noch einmal; den neuen Link bekommen Sie von Ihrer Bank."),
        told(reason("camera_failed", Family::Technical, &[CouldNotVerify], "Camera or light not good enough", "Kamera oder Licht reichen nicht aus"), "The picture was not clear enough. Try again with another device or in better light, by a new link from your bank.", "Das Bild war nicht deutlich genug. Versuchen Sie es mit einem anderen Gerät oder bei besserem Licht noch einmal; den neuen Link bekommen Sie von Ihrer Bank."),
        told(reason("provider_failed", Family::Technical, &[CouldNotVerify], "Verification service did not answer", "Prüfdienst hat nicht geantwortet"), "The verification service did not answer. It was not your fault. Ask your bank for a new link.", "Der Prüfdienst hat nicht geantwortet. Es lag nicht an Ihnen. Bitten Sie Ihre Bank um einen neuen Link."),
        reason("explained_by_customer", Family::Business, &[Propose], "Difference explained and checked", "Abweichung erklärt und geprüft"),
        reason("typing_error", Family::Business, &[Propose], "Typing error in the application", "Tippfehler im Antrag"),
        reason("checked_by_eye", Family::Business, &[Propose], "Checked by eye against the document", "Augenschein am Ausweis geprüft"),
        reason("look_again", Family::Business, &[Return], "Please look at this again", "Bitte noch einmal ansehen"),
        reason("evidence_missing", Family::Business, &[Return], "Evidence is missing", "Es fehlt ein Nachweis"),
        reason("new_information", Family::Business, &[Reopen], "New information arrived", "Neue Informationen liegen vor"),
        reason("decided_by_mistake", Family::Business, &[Reopen], "Decided by mistake", "Irrtümlich entschieden"),
    ]
}
