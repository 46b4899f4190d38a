import type { JsonObject } from './types.js'

/** Who most likely issued a token, by marks that issuer alone leaves. */
interface VendorRule {
  readonly vendor: string
  /** Of the issuer's URL. */
  readonly issuer?: RegExp
  /** Claims only this vendor writes; one is enough. */
  readonly claims?: readonly string[]
}

const VENDORS: readonly VendorRule[] = [
  { vendor: 'Okta', issuer: /^https:\/\/[\w.-]+\.(okta|oktapreview|okta-emea)\.com(\/|$)/, claims: ['cid', 'ver'] },
  { vendor: 'Keycloak', issuer: /\/realms\/[^/]+$/, claims: ['resource_access', 'realm_access', 'allowed-origins'] },
  {
    vendor: 'Microsoft Entra ID',
    issuer: /^https:\/\/(login\.microsoftonline\.(com|us)|sts\.windows\.net|[\w-]+\.ciamlogin\.com)\//,
    claims: ['xms_tcdt', 'appidacr', 'azpacr'],
  },
  { vendor: 'Azure AD B2C', issuer: /^https:\/\/[\w-]+\.b2clogin\.com\//, claims: ['tfp'] },
  { vendor: 'Auth0', issuer: /^https:\/\/[\w.-]+\.auth0\.com\/$/, claims: ['gty'] },
  {
    vendor: 'Amazon Cognito',
    issuer: /^https:\/\/cognito-idp\.[\w-]+\.amazonaws\.com(\.cn)?\//,
    claims: ['cognito:username', 'cognito:groups'],
  },
  { vendor: 'Google', issuer: /^(https:\/\/)?accounts\.google\.com$/ },
  { vendor: 'Firebase', issuer: /^https:\/\/securetoken\.google\.com\//, claims: ['firebase'] },
  { vendor: 'Apple', issuer: /^https:\/\/appleid\.apple\.com$/ },
  { vendor: 'PingOne', issuer: /^https:\/\/auth\.pingone\.(com|eu|asia|ca)\//, claims: ['p1.rid', 'p1.userId'] },
  { vendor: 'PingFederate', claims: ['pi.atm', 'pi.sri'] },
  { vendor: 'ForgeRock', issuer: /\/am\/oauth2(\/|$)/, claims: ['auditTrackingId'] },
  { vendor: 'GitHub Actions', issuer: /^https:\/\/token\.actions\.githubusercontent\.com/ },
  { vendor: 'GitLab', issuer: /^https:\/\/gitlab\.com$/, claims: ['namespace_path'] },
  { vendor: 'Kubernetes', issuer: /^https:\/\/kubernetes\.default\.svc/, claims: ['kubernetes.io'] },
  { vendor: 'OneLogin', issuer: /^https:\/\/[\w-]+\.onelogin\.com\/oidc/ },
  { vendor: 'Salesforce', issuer: /^https:\/\/[\w.-]*\.?salesforce\.com/ },
  { vendor: 'Supabase', issuer: /\.supabase\.co\/auth\/v1$/ },
  { vendor: 'Zitadel', issuer: /\.zitadel\.cloud$/, claims: ['urn:zitadel:iam:org:id'] },
  { vendor: 'IdentityServer', claims: ['idsrv'] },
]

/** The vendor, by issuer first, then by claims; undefined when nothing speaks for one. */
export function recogniseVendor(payload: JsonObject): string | undefined {
  const { iss } = payload
  const byIssuer = typeof iss === 'string' ? VENDORS.find(({ issuer }) => issuer?.test(iss)) : undefined
  const byClaims = VENDORS.find(({ claims, vendor }) => {
    const present = claims?.filter((name) => payload[name] !== undefined).length ?? 0
    // Okta's two marks are ordinary words: only both together say something.
    return present >= (vendor === 'Okta' ? 2 : 1)
  })
  return (byIssuer ?? byClaims)?.vendor
}
