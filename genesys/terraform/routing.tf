# Queue and skill KYC_Specialist, with a minute to wrap up.

resource "genesyscloud_routing_skill" "kyc_specialist" {
  name = var.skill_name
}

resource "genesyscloud_routing_wrapupcode" "kyc" {
  for_each = toset(["KYC sent to approval", "KYC rejected", "KYC could not verify", "KYC customer will resume"])
  name     = each.value
}

resource "genesyscloud_routing_queue" "kyc_specialist" {
  name                    = var.queue_name
  description             = "Assisted verification by video."
  acw_wrapup_prompt       = "MANDATORY_TIMEOUT"
  acw_timeout_ms          = 60000
  skill_evaluation_method = "ALL"
  enable_transcription    = false
  wrapup_codes            = [for code in genesyscloud_routing_wrapupcode.kyc : code.id]
  default_script_ids = {
    MESSAGE = genesyscloud_script.kyc_agent_desktop.id
  }
  media_settings_message {
    alerting_timeout_sec      = 30
    service_level_percentage  = 0.8
    service_level_duration_ms = 20000
  }
}
