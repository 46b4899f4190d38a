import { readdirSync, statSync } from 'node:fs'

/** Whether dist is missing or older than anything it is made from. */
export function isStale(root) {
  const built = statSync(`${root}dist/main.js`, { throwIfNoEntry: false })?.mtimeMs ?? 0
  return newest(`${root}src`) > built || ['package.json', 'scripts/build.mjs'].some((file) => statSync(`${root}${file}`).mtimeMs > built)
}

function newest(folder) {
  return Math.max(
    0,
    ...readdirSync(folder, { withFileTypes: true }).map((entry) => {
      const path = `${folder}/${entry.name}`
      return entry.isDirectory() ? newest(path) : statSync(path).mtimeMs
    }),
  )
}
