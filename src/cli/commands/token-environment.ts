import type { TokenSet } from '../../client/types.js'

/** `Bearer …` or `DPoP …`: `bearer` is what everybody writes as `Bearer`; any other type as it came (RFC 6749 §7.1). */
export function authorizationOf({ token_type, access_token }: TokenSet): string {
  const scheme = /^dpop$/i.test(token_type) ? 'DPoP' : /^bearer$/i.test(token_type) ? 'Bearer' : token_type
  return `${scheme} ${access_token}`
}

/** Tokens as environment variables, for `token --env` and `exec`. */
export function environmentOf({ access_token, id_token, token_type, expires_in, obtained_at }: TokenSet): Record<string, string> {
  return {
    OIDCGW_ACCESS_TOKEN: access_token,
    OIDCGW_TOKEN_TYPE: token_type,
    ...(expires_in !== undefined && { OIDCGW_EXPIRES_AT: String(obtained_at + expires_in) }),
    ...(id_token !== undefined && { OIDCGW_ID_TOKEN: id_token }),
  }
}
