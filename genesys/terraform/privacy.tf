# What the product allows of the guide's "Data Masking" and "Data Retention".

# The organisation's redaction switches. They act on transcripts, and for the whole organisation: agree on them first.
resource "genesyscloud_routing_settings" "redaction" {
  transcription {
    transcription             = "EnabledQueueFlow"
    pci_dss_redaction_enabled = true
    pii_redaction_enabled     = true
  }
}

# KYC_Ephemeral_Data: recordings and message transcripts of the queue. There is no policy for native video, and none for participant data; what KYC Desk
# itself keeps is retained by its own classes.
resource "genesyscloud_recording_media_retention_policy" "kyc_ephemeral_data" {
  name        = "KYC_Ephemeral_Data"
  description = "Recordings of verifications: deleted after the days that the bank has set."
  enabled     = true
  order       = 1
  media_policies {
    call_policy {
      conditions {
        for_queue_ids = [genesyscloud_routing_queue.kyc_specialist.id]
      }
      actions {
        retain_recording = true
        delete_recording = false
        retention_duration {
          delete_retention {
            days = var.interaction_days
          }
        }
      }
    }
    message_policy {
      conditions {
        for_queue_ids = [genesyscloud_routing_queue.kyc_specialist.id]
      }
      actions {
        # The guide's 0 days for transcripts: not kept at all.
        retain_recording = false
        delete_recording = true
        always_delete    = true
      }
    }
  }
}
