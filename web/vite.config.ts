import path from 'node:path';
import tailwindcss from '@tailwindcss/vite';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

const root = import.meta.dirname;
const api = process.env.EASY11_API ?? 'http://127.0.0.1:3000';

export default defineConfig(({ command }) => {
  // A build is for visitors, also under a test or in a developer's shell: NODE_ENV must not bring React's debug build.
  if (command === 'build') process.env.NODE_ENV = 'production';
  return {
    root,
    plugins: [react(), tailwindcss()],
    build: {
      outDir: path.resolve(root, '../dist/web'),
      emptyOutDir: true,
      // The content security policy allows scripts, styles and pictures from this origin only.
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
    },
    server: { proxy: { '/v1': api, '/media': api } },
  };
});
