/** Tells compilers that do not read them what Vue's files are. */
declare module '*.vue' {
  import type { Component } from 'vue';

  const component: Component;
  export default component;
}
