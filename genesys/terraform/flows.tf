# The flows, and the trigger that tells KYC Desk when the customer has left.

locals {
  substitutions = {
    flow_name             = "Video_KYC_Onboarding"
    ready_flow            = "Video_KYC_Ready"
    ended_flow            = "Video_KYC_Ended"
    division              = var.division
    language              = var.language
    bot_language          = split("-", var.language)[0]
    category              = "KYC_Provider_Secure"
    queue                 = genesyscloud_routing_queue.kyc_specialist.name
    skill                 = genesyscloud_routing_skill.kyc_specialist.name
    script_name           = genesyscloud_script.kyc_agent_desktop.script_name
    customer_id_attribute = var.customer_id_attribute
    session_id_attribute  = var.session_id_attribute
    video_attribute       = var.video_attribute
    ready_question        = var.ready_question
    please_wait           = var.please_wait
  }
}

resource "genesyscloud_flow" "video_kyc_ready" {
  filepath      = "${path.module}/../flows/Video_KYC_Ready.yaml"
  force_unlock  = true
  substitutions = local.substitutions
}

resource "genesyscloud_flow" "video_kyc_onboarding" {
  filepath      = "${path.module}/../flows/Video_KYC_Onboarding.yaml"
  force_unlock  = true
  substitutions = local.substitutions
  depends_on    = [genesyscloud_integration_action.kyc, genesyscloud_flow.video_kyc_ready]
}

resource "genesyscloud_flow" "video_kyc_ended" {
  filepath      = "${path.module}/../flows/Video_KYC_Ended.yaml"
  force_unlock  = true
  substitutions = local.substitutions
  depends_on    = [genesyscloud_integration_action.kyc]
}

resource "genesyscloud_processautomation_trigger" "customer_left" {
  name       = "Video KYC: the customer has left"
  topic_name = "v2.detail.events.conversation.{id}.customer.end"
  enabled    = true
  target {
    id   = genesyscloud_flow.video_kyc_ended.id
    type = "Workflow"
  }
  match_criteria = jsonencode([
    { jsonPath = "mediaType", operator = "Equal", value = "MESSAGE" },
  ])
  event_ttl_seconds = 60
}
