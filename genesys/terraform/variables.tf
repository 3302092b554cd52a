variable "desk_url" {
  description = "KYC Desk's address for agents, as in http.desk_url."
  type        = string
  validation {
    condition     = startswith(var.desk_url, "https://") && !endswith(var.desk_url, "/")
    error_message = "It begins with https:// and does not end with a slash."
  }
}

variable "edge_url" {
  description = "KYC Desk's address for machines and customers, as in http.edge_url."
  type        = string
  validation {
    condition     = startswith(var.edge_url, "https://") && !endswith(var.edge_url, "/")
    error_message = "It begins with https:// and does not end with a slash."
  }
}

variable "flow_client_id" {
  description = "Name of the client of the flow API: [clients.<name>] with scope flow."
  type        = string
  default     = "flow"
}

variable "flow_client_secret" {
  description = "Its secret. Terraform keeps it in its state: protect the state, or enter the credential by hand."
  type        = string
  sensitive   = true
}

variable "genesys_regions_domain" {
  description = "Domain of the Genesys region, such as mypurecloud.de: who may embed the widget."
  type        = string
}

variable "website_domains" {
  description = "Where the messenger is shown: the bank's own sites."
  type        = list(string)
}

variable "division" {
  description = "Division of the flows."
  type        = string
  default     = "Home"
}

variable "queue_name" {
  description = "Queue of the specialists; the same name stands in KYC Desk's role mapping."
  type        = string
  default     = "KYC_Specialist"
}

variable "skill_name" {
  description = "Skill of the specialists."
  type        = string
  default     = "KYC_Specialist"
}

variable "agent_group_ids" {
  description = "Groups that see the widget in their workspace."
  type        = list(string)
}

variable "widget_sandbox" {
  description = "Sandbox of the widget's frame. allow-popups is the least: the sign-in is a popup. Where the organisation accepts it, add allow-popups-to-escape-sandbox: many identity providers cannot be shown in a sandboxed window."
  type        = string
  default     = "allow-scripts,allow-same-origin,allow-forms,allow-popups,allow-modals"
}

variable "supervisor_group_ids" {
  description = "Groups that see the supervisors' page."
  type        = list(string)
}

variable "language" {
  description = "Language of the flows, such as en-us or de-de. The customer is written to in it."
  type        = string
  default     = "en-us"
}

variable "ready_question" {
  description = "What the customer is asked before an attempt is looked at."
  type        = string
  default     = "Please answer yes when you are done."
}

variable "please_wait" {
  description = "What the customer reads when the question fails."
  type        = string
  default     = "One moment, please."
}

variable "customer_id_attribute" {
  description = "Participant attribute in which the bank's site hands over its opaque id of the customer. Never a name, an e-mail or a number of hers."
  type        = string
  default     = "context.kyc_customer_id"
}

variable "session_id_attribute" {
  description = "Participant attribute in which the bank's site hands over a session to go on with."
  type        = string
  default     = "context.kyc_session_id"
}

variable "video_attribute" {
  description = "Participant attribute that is false where the bank's site has found that the browser cannot do video."
  type        = string
  default     = "context.kyc_supports_video"
}

variable "interaction_days" {
  description = "Days for which Genesys keeps recordings of these conversations (KYC_Ephemeral_Data)."
  type        = number
  default     = 30
}
