/** `*_names` with `*_values`, by position; a name without a value is left out. */
export function pairs(names: readonly string[] | null, values: readonly string[] | null): [name: string, value: string][] {
  return (names ?? []).flatMap((name, index): [string, string][] => {
    const value = values?.[index]
    return value === undefined ? [] : [[name, value]]
  })
}

/** The entry that goes with client `index`: its own, else the first (position-paired lists, section 1 of the reference). */
export const byPosition = <Item>(list: readonly Item[] | null, index: number): Item | undefined => list?.[index] ?? list?.[0]
