# KYC_Agent_Desktop: the widget in the agent's workspace, the supervisors' page, and the script that shows the same where the widget is not.

resource "genesyscloud_integration" "kyc_agent_desktop" {
  integration_type = "embedded-client-app-interaction-widget"
  intended_state   = "ENABLED"
  config {
    name  = "KYC_Agent_Desktop"
    notes = "The widget signs the agent in by itself; nothing in its address is a credential."
    properties = jsonencode({
      # Genesys fills in what is in double braces when it opens the frame.
      url                     = "${var.desk_url}/?conversation_id={{gcConversationId}}&host_origin={{gcHostOrigin}}&target_env={{gcTargetEnv}}&lang={{gcLangTag}}"
      sandbox                 = var.widget_sandbox
      # It neither films nor listens.
      permissions             = "clipboard-write"
      groups                  = var.agent_group_ids
      queueIdFilterList       = [genesyscloud_routing_queue.kyc_specialist.id]
      communicationTypeFilter = "webmessaging"
    })
    advanced = jsonencode({
      lifecycle = {
        ephemeral = false
        hooks     = { bootstrap = true, focus = true, blur = true, stop = true }
      }
    })
    credentials = {}
  }
}

resource "genesyscloud_integration" "kyc_review" {
  integration_type = "embedded-client-app"
  intended_state   = "ENABLED"
  config {
    name  = "KYC Review"
    notes = "The supervisors' page. Who may see what, KYC Desk decides; the groups only decide who finds the entry in the menu."
    properties = jsonencode({
      url         = "${var.desk_url}/review?host_origin={{gcHostOrigin}}&target_env={{gcTargetEnv}}&lang={{gcLangTag}}"
      sandbox     = "allow-scripts,allow-same-origin,allow-forms,allow-popups,allow-modals,allow-downloads"
      permissions = "clipboard-write"
      displayType = "standalone"
      groups      = var.supervisor_group_ids
    })
    advanced    = jsonencode({})
    credentials = {}
  }
}

resource "genesyscloud_script" "kyc_agent_desktop" {
  script_name       = "KYC_Agent_Desktop"
  filepath          = "${path.module}/../script/KYC_Agent_Desktop.json"
  file_content_hash = filesha256("${path.module}/../script/KYC_Agent_Desktop.json")
  substitutions = {
    desk_url = var.desk_url
  }
}
