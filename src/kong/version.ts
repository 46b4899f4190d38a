import { OidcgwError } from '../errors.js'
import { isOlder, LATEST_VERSION } from './openid-connect/fields.js'

const OLDEST_VERSION = '3.4'

/**
 * A version of Kong whose defaults we know, patch level dropped: `3.9.1` is `3.9`.
 * @throws {OidcgwError} `ERR_USAGE` for anything but 3.4 … 3.15.
 */
export function checkKongVersion(text: string | undefined): string | undefined {
  if (text === undefined) return undefined
  const version = /^(\d+\.\d+)(?:\.\d+)*$/.exec(text)?.[1]
  if (version === undefined || isOlder(version, OLDEST_VERSION) || isOlder(LATEST_VERSION, version)) {
    throw new OidcgwError('ERR_USAGE', `--kong-version: "${text}" is not between ${OLDEST_VERSION} and ${LATEST_VERSION}`, {
      hint: `Write --kong-version ${LATEST_VERSION}`,
    })
  }
  return version
}
