import { fileURLToPath } from 'node:url'

// Not imported: an ESM import of node:fs loads all of node's streams with it, which every start would pay for.
const { readFileSync } = process.getBuiltinModule('node:fs')

/** The folder of our own `package.json` and the version in it, wherever this module was bundled to. */
export function readPackage(): { readonly root: string; readonly version: string } {
  for (const step of ['../', '../../', '../../../']) {
    try {
      const url = new URL(step, import.meta.url)
      const { name, version } = JSON.parse(readFileSync(new URL('package.json', url), 'utf8')) as { name?: string; version?: string }
      if (name === 'oidcgw' && version) return { root: fileURLToPath(url), version }
    } catch {
      continue
    }
  }
  throw new TypeError('oidcgw cannot find its own package.json')
}
