/** What `oidcgw lab` serves: a route for each story, side by side. Ids and secrets come from `lab.environment`. */
export const labDocument = `_format_version: "3.0"
services:
  - name: echo
    url: \${{ env "DECK_UPSTREAM_URL" }}
    routes:
      - name: open # anybody
        paths: [/open]
      - name: oidcroute # client credentials or a bearer token for our audience; iss goes upstream
        paths: [/oidcroute]
        plugins:
          - name: openid-connect
            config:
              issuer: \${{ env "DECK_ISSUER" }}
              client_id: ['\${{ env "DECK_M2M_CLIENT_ID" }}']
              client_secret: ['\${{ env "DECK_M2M_CLIENT_SECRET" }}']
              scopes: [api.read]
              auth_methods: [client_credentials, bearer]
              audience_required: ['\${{ env "DECK_AUDIENCE" }}']
              upstream_headers_claims: [iss]
              upstream_headers_names: [Issuer_Header]
      - name: web # a person with a browser; the session lives in a sealed cookie
        paths: [/web]
        plugins:
          - name: openid-connect
            config:
              issuer: \${{ env "DECK_ISSUER" }}
              client_id: ['\${{ env "DECK_WEB_CLIENT_ID" }}']
              client_secret: ['\${{ env "DECK_WEB_CLIENT_SECRET" }}']
              scopes: [openid, profile, groups]
              auth_methods: [authorization_code, session]
              session_secret: \${{ env "DECK_SESSION_SECRET" }}
              logout_uri_suffix: /logout
      - name: introspected # the provider is asked about every token
        paths: [/introspected]
        plugins:
          - name: openid-connect
            config:
              issuer: \${{ env "DECK_ISSUER" }}
              client_id: ['\${{ env "DECK_INTROSPECTOR_CLIENT_ID" }}']
              client_secret: ['\${{ env "DECK_INTROSPECTOR_CLIENT_SECRET" }}']
              auth_methods: [introspection]
              introspect_jwt_tokens: true
              cache_introspection: false
      - name: admins # groups_required
        paths: [/admins]
        plugins:
          - name: openid-connect
            config:
              issuer: \${{ env "DECK_ISSUER" }}
              auth_methods: [bearer]
              groups_required: [admins]
      - name: acl # claim groups for the ACL plugin
        paths: [/acl]
        plugins:
          - name: openid-connect
            config:
              issuer: \${{ env "DECK_ISSUER" }}
              auth_methods: [bearer]
              authenticated_groups_claim: [groups]
          - name: acl
            config: { allow: [admins] }
`
