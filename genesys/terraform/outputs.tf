output "oauth_client_id" {
  description = "For [genesys] in KYC Desk's configuration; its secret is in Admin > Integrations > OAuth."
  value       = genesyscloud_oauth_client.kyc_desk.id
}

output "frame_ancestors" {
  description = "For http.frame_ancestors in KYC Desk's configuration."
  value       = ["https://apps.${var.genesys_regions_domain}"]
}

output "messenger_deployment_id" {
  description = "For the snippet on the bank's site."
  value       = genesyscloud_webdeployments_deployment.kyc.id
}
