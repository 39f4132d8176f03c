"""Communications credits: tariff and prepaid ledger."""
