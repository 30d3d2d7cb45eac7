# One form everywhere, with seconds: people compare these with other systems' logs. Times are UTC.
DATETIME_FORMAT = "Y-m-d H:i:s"
DATE_FORMAT = "Y-m-d"
TIME_FORMAT = "H:i:s"
