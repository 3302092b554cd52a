# Web messaging with video. The agent starts it from the conversation; Genesys owns its codecs, its adaptive bitrate and what it does on a thin line.

resource "genesyscloud_webdeployments_configuration" "kyc" {
  name             = "Video KYC"
  description      = "Messenger for verifications by video."
  languages        = [var.language]
  default_language = var.language
  messenger {
    enabled = true
    launcher_button {
      visibility = "On"
    }
    # Documents go by the secure link, never through the messenger: no file upload here.
  }
  video {
    enabled = true
    agent {
      allow_camera       = true
      allow_microphone   = true
      allow_screen_share = false
      background         = "BLUR"
    }
    user {
      allow_camera       = true
      allow_microphone   = true
      allow_screen_share = false
    }
  }
}

resource "genesyscloud_webdeployments_deployment" "kyc" {
  name            = "Video KYC"
  allowed_domains = var.website_domains
  flow_id         = genesyscloud_flow.video_kyc_onboarding.id
  configuration {
    id      = genesyscloud_webdeployments_configuration.kyc.id
    version = genesyscloud_webdeployments_configuration.kyc.version
  }
}
