import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { OidcgwError } from '../errors.js'
import type { Host } from '../host.js'
import { userConfigFile } from './paths.js'

/** A configuration file as it stands on disk. */
export interface ConfigFile {
  /** Absolute. */
  readonly path: string
  /** As messages name it: as it was given, or relative to the folder. */
  readonly shown: string
  readonly text: string
}

export interface ConfigFiles {
  readonly project: ConfigFile | undefined
  readonly user: ConfigFile | undefined
}

/**
 * Reads `-c FILE`, else `$OIDCGW_CONFIG`, else `oidcgw.yaml` in the working folder; and the person's own file. Absent ones are no error unless named.
 * @throws {OidcgwError} `ERR_CONFIG_NOT_FOUND` when a named file cannot be read.
 */
export async function readConfigFiles(host: Pick<Host, 'env' | 'cwd'>, named?: string): Promise<ConfigFiles> {
  const given = named ?? (host.env['OIDCGW_CONFIG'] || undefined)
  const userPath = userConfigFile(host)
  const [project, user] = await Promise.all([
    readIfThere(resolve(host.cwd, given ?? 'oidcgw.yaml'), given ?? 'oidcgw.yaml', given !== undefined),
    userPath ? readIfThere(userPath, userPath, false) : undefined,
  ])
  return { project, user }
}

async function readIfThere(path: string, shown: string, required: boolean): Promise<ConfigFile | undefined> {
  try {
    return { path, shown, text: await readFile(path, 'utf8') }
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    if ((code === 'ENOENT' || code === 'ENOTDIR') && !required) return undefined
    throw new OidcgwError('ERR_CONFIG_NOT_FOUND', `${shown} cannot be read (${code ?? 'error'})`, {
      cause,
      hint: 'Check the path, or write a starter file with: oidcgw init',
    })
  }
}
