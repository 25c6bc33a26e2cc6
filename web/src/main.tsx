import { QueryClientProvider } from '@tanstack/react-query';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { createBrowserRouter } from 'react-router';
import { RouterProvider } from 'react-router/dom';
import { createQueryClient } from './api/queries';
import { Layout } from './components/Layout';
import { BasketPage } from './pages/BasketPage';
import { CategoryPage } from './pages/CategoryPage';
import { CheckoutPage } from './pages/CheckoutPage';
import { ErrorPage } from './pages/ErrorPage';
import { NotFoundPage } from './pages/NotFoundPage';
import { OrderPage } from './pages/OrderPage';
import { ProductPage } from './pages/ProductPage';
import { ResultsPage } from './pages/ResultsPage';
import { StartPage } from './pages/StartPage';
import { startTracking } from './tracking/tracker';
import './styles/index.css';

const router = createBrowserRouter([
  {
    element: <Layout />,
    errorElement: <ErrorPage />,
    children: [
      { path: '/', element: <StartPage /> },
      { path: '/c/*', element: <CategoryPage /> },
      { path: '/search', element: <ResultsPage /> },
      { path: '/p/:id', element: <ProductPage /> },
      { path: '/basket', element: <BasketPage /> },
      { path: '/checkout', element: <CheckoutPage /> },
      { path: '/orders/:id', element: <OrderPage /> },
      { path: '*', element: <NotFoundPage /> },
    ],
  },
  {
    // Charts and all: only who goes there loads it.
    path: '/admin/:view?',
    lazy: async () => ({ Component: (await import('./admin/AdminPage')).AdminPage }),
    errorElement: <ErrorPage />,
  },
]);

startTracking();

const root = document.getElementById('root');
if (!root) throw new Error('index.html has no element with the id "root"');

createRoot(root).render(
  <StrictMode>
    <QueryClientProvider client={createQueryClient()}>
      <RouterProvider router={router} />
    </QueryClientProvider>
  </StrictMode>,
);
