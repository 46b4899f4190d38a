import type { Idp } from '../../idp/idp.js'

/**
 * Writes what other programs need to know as `NAME=value`, readable by the owner only. The DECK_ names are those that the lab's
 * Kong documents read.
 */
export async function writeEnvFile({ issuer, applications, accounts, controlUrl, controlSecret }: Idp, path: string): Promise<void> {
  const { default: writeFileAtomic } = await import('write-file-atomic')
  const { web, m2m, native, introspector } = applications
  const variables: Readonly<Record<string, string | undefined>> = {
    OIDCGW_ISSUER: issuer,
    OIDCGW_IDP_CLIENT_ID: web.client_id,
    OIDCGW_IDP_CLIENT_SECRET: web.client_secret,
    OIDCGW_IDP_M2M_CLIENT_ID: m2m.client_id,
    OIDCGW_IDP_M2M_CLIENT_SECRET: m2m.client_secret,
    OIDCGW_IDP_NATIVE_CLIENT_ID: native.client_id,
    OIDCGW_IDP_INTROSPECTOR_CLIENT_ID: introspector.client_id,
    OIDCGW_IDP_INTROSPECTOR_CLIENT_SECRET: introspector.client_secret,
    OIDCGW_IDP_CONTROL_URL: controlUrl,
    OIDCGW_IDP_CONTROL_SECRET: controlSecret,
    ...Object.fromEntries(accounts.map(({ username, password }) => [`OIDCGW_IDP_${nameOf(username)}_PASSWORD`, password])),
    DECK_ISSUER: issuer,
    DECK_CLIENT_ID: web.client_id,
    DECK_CLIENT_SECRET: web.client_secret,
    DECK_WEB_CLIENT_ID: web.client_id,
    DECK_WEB_CLIENT_SECRET: web.client_secret,
    DECK_M2M_CLIENT_ID: m2m.client_id,
    DECK_M2M_CLIENT_SECRET: m2m.client_secret,
    DECK_INTROSPECTOR_CLIENT_ID: introspector.client_id,
    DECK_INTROSPECTOR_CLIENT_SECRET: introspector.client_secret,
  }
  const lines = Object.entries(variables).flatMap(([name, value]) => (value === undefined ? [] : [`${name}=${quote(value)}\n`]))
  await writeFileAtomic(path, lines.join(''), { mode: 0o600 })
}

const nameOf = (username: string): string => username.toUpperCase().replace(/[^A-Z0-9]/g, '_')

/** Read alike by `. file`, `node --env-file` and `docker --env-file` while no quoting is needed. */
const quote = (value: string): string => (/^[\w.:/@%+=,-]+$/.test(value) ? value : `'${value.replaceAll("'", String.raw`'\''`)}'`)
