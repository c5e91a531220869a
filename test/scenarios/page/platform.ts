/** Takes away the platform features that the address names, before anybody has looked for them. */

const removals: Readonly<Record<string, () => void>> = {
  locks: () => Reflect.deleteProperty(Navigator.prototype, 'locks'),
  BroadcastChannel: () => Reflect.deleteProperty(globalThis, 'BroadcastChannel'),
};

for (const feature of new URLSearchParams(location.search).getAll('without')) {
  const remove = removals[feature];
  if (remove === undefined) throw new TypeError(`There is no way to take ${feature} away.`);
  remove();
}
