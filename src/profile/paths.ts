import { join } from 'node:path'
import type { Host } from '../host.js'

/** The person's own configuration: `$XDG_CONFIG_HOME/oidcgw/config.yaml`, `~/.config/…`, `%APPDATA%\oidcgw\…`. Undefined without a home. */
export function userConfigFile({ env }: Pick<Host, 'env'>): string | undefined {
  const folder = env['XDG_CONFIG_HOME'] || env['APPDATA'] || inHome(env, '.config')
  return folder && join(folder, 'oidcgw', 'config.yaml')
}

/** Where tokens live: `$OIDCGW_STORE`, else `$XDG_STATE_HOME/oidcgw`, `~/.local/state/oidcgw`, `%LOCALAPPDATA%\oidcgw`. Undefined without a home. */
export function stateFolder({ env }: Pick<Host, 'env'>): string | undefined {
  if (env['OIDCGW_STORE']) return env['OIDCGW_STORE']
  const folder = env['XDG_STATE_HOME'] || env['LOCALAPPDATA'] || inHome(env, '.local', 'state')
  return folder && join(folder, 'oidcgw')
}

const inHome = (env: Host['env'], ...parts: readonly string[]): string | undefined => {
  const home = env['HOME'] || env['USERPROFILE']
  return home ? join(home, ...parts) : undefined
}
