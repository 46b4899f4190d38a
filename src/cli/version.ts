import { readFileSync } from 'node:fs'

/** The package's version, read from its own `package.json` (two levels up from `src/cli`, one from `dist`). */
export const VERSION: string = readVersion()

function readVersion(): string {
  for (const path of ['../package.json', '../../package.json']) {
    try {
      const { name, version } = JSON.parse(readFileSync(new URL(path, import.meta.url), 'utf8')) as { name?: string; version?: string }
      if (name === 'oidcgw' && version) return version
    } catch {
      continue
    }
  }
  return '0.0.0'
}
