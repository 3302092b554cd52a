# KYC Desk's own access to Genesys: it writes ids and codes to the conversation, and asks who is on it. Nothing else.

resource "genesyscloud_auth_role" "kyc_desk" {
  name        = "KYC Desk"
  description = "What KYC Desk's server may do."
  permission_policies {
    domain      = "conversation"
    entity_name = "communication"
    action_set  = ["view"]
  }
  permission_policies {
    domain      = "conversation"
    entity_name = "participant"
    action_set  = ["wrapup"]
  }
  permission_policies {
    domain      = "conversation"
    entity_name = "recording"
    action_set  = ["pauseOthers"]
  }
}

resource "genesyscloud_oauth_client" "kyc_desk" {
  name                          = "KYC Desk"
  description                   = "Client credentials of KYC Desk's server."
  authorized_grant_type         = "CLIENT-CREDENTIALS"
  access_token_validity_seconds = 86400
  # The secret is read once in the administration, and never in Terraform's state.
  expose_client_secret = false
  roles {
    role_id     = genesyscloud_auth_role.kyc_desk.id
    division_id = "*"
  }
}
