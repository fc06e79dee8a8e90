"""The application: joins the language side (`nlp`) and what is kept (`storage`), and speaks Telegram."""
