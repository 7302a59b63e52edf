/** Stylesheets are bundled beside their entry by esbuild; importing one has no value. */
declare module '*.css';
