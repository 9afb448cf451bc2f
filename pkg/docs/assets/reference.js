"use strict";

Scalar.createApiReference("#reference", {
  url: "/openapi.yaml",
  baseServerURL: location.origin,
  defaultHttpClient: {targetKey: "shell", clientKey: "curl"},
  featuredClients: ["shell/curl", "go/native", "js/fetch", "python/requests"],
  withDefaultFonts: false,
  telemetry: false,
  agent: {disabled: true},
  mcp: {disabled: true},
  showDeveloperTools: "never",
  hideClientButton: true,
});
