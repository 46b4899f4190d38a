import { readPackage } from '../package-root.js'

/** What the gateway calls itself in `Server` and `Via`. It never claims to be Kong. */
export const SERVER_NAME = `oidcgw-gateway/${readPackage().version}`

/** `Via` of both directions (RFC 9110 §7.6.3). */
export const VIA = `1.1 ${SERVER_NAME}`
