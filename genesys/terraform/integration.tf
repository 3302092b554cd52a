# KYC_Provider_Secure: the one way from Genesys to KYC Desk. The guide's "API Connect" is a Web Services Data Actions integration; it has no logging
# tab: actions that are "secure" keep inputs and outputs out of the flow's execution data.

resource "genesyscloud_integration_credential" "kyc_provider_secure" {
  name                 = "KYC_Provider_Secure"
  credential_type_name = "userDefinedOAuth"
  fields = {
    loginUrl     = "${var.edge_url}/oauth/token"
    clientId     = var.flow_client_id
    clientSecret = var.flow_client_secret
  }
}

resource "genesyscloud_integration" "kyc_provider_secure" {
  integration_type = "custom-rest-actions"
  intended_state   = "ENABLED"
  config {
    name       = "KYC_Provider_Secure"
    notes      = "Data actions of KYC Desk. Ids and codes only."
    properties = jsonencode({})
    advanced   = jsonencode({})
    credentials = {
      # Whatever the type of the credential, this is the key it is attached under.
      basicAuth = genesyscloud_integration_credential.kyc_provider_secure.id
    }
  }
}

# Gets a token by client credentials; the ordinary actions send it on.
resource "genesyscloud_integration_custom_auth_action" "kyc_token" {
  integration_id = genesyscloud_integration.kyc_provider_secure.id
  name           = "KYC Desk token"
  config_request {
    request_url_template = "$${credentials.loginUrl}"
    request_type         = "POST"
    request_template     = "grant_type=client_credentials"
    headers = {
      Authorization = "Basic $encoding.base64(\"$${credentials.clientId}:$${credentials.clientSecret}\")"
      Content-Type  = "application/x-www-form-urlencoded"
    }
  }
  config_response {
    success_template = "$${rawResult}"
  }
}

# One file per action: what is imported by hand and what Terraform creates are the same.
locals {
  actions = {
    for file in fileset("${path.module}/../actions", "*.custom.json") :
    trimsuffix(file, ".custom.json") => jsondecode(file("${path.module}/../actions/${file}"))
  }
}

resource "genesyscloud_integration_action" "kyc" {
  for_each               = local.actions
  name                   = each.value.name
  category               = "KYC_Provider_Secure"
  integration_id         = genesyscloud_integration.kyc_provider_secure.id
  secure                 = each.value.secure
  config_timeout_seconds = each.value.config.timeoutSeconds
  contract_input         = jsonencode(each.value.contract.input.inputSchema)
  contract_output        = jsonencode(each.value.contract.output.successSchema)
  config_request {
    request_url_template = replace(each.value.config.request.requestUrlTemplate, "https://kyc-edge.example.com", var.edge_url)
    request_type         = each.value.config.request.requestType
    request_template     = each.value.config.request.requestTemplate
    headers              = each.value.config.request.headers
  }
  config_response {
    translation_map          = each.value.config.response.translationMap
    translation_map_defaults = each.value.config.response.translationMapDefaults
    success_template         = each.value.config.response.successTemplate
  }
  depends_on = [genesyscloud_integration_custom_auth_action.kyc_token]
}
